from itertools import product

from pandas import DataFrame
from snakemake.utils import Paramspace

RECONSTRUCTION = SETTINGS.reconstruction
MIXES = RECONSTRUCTION.mixes
# Without a search there is still a space, of the one point that nobody asks for.
RECONSTRUCTION_SEARCHED = Paramspace(
    DataFrame(
        [p for arm in RECONSTRUCTION.arms for p in RECONSTRUCTION.candidates(arm) if p]
        or [{"learning_rate": 0.0}]
    ).drop_duplicates()
)
RECONSTRUCTED = f"{SETTINGS.results}/reconstruction/{{model}}/{{factor}}"
FLOORS = f"{SETTINGS.results}/reconstruction/floors/{{factor}}"
SPLIT_TABLE = f"{SETTINGS.results}/reconstruction/splits/{{number}}/{{share}}.parquet"
FLOOR_NAMES = ["zerofilling"] + ["compressed_sensing"] * bool(RECONSTRUCTION.compressed_sensing.weights)


def reconstruction_cohorts():
    """Cohorts to test on; the paper's split tests on what it trains on."""
    named = tested_cohorts(RECONSTRUCTION)
    return [RECONSTRUCTION.original] if RECONSTRUCTION.split == "paper" else named


def sampling_of(wildcards):
    """Undersampling of the cohort of a job, else of that which is trained on."""
    cohort = wildcards.get("cohort", RECONSTRUCTION.cohort)
    return RECONSTRUCTION.sampling(int(wildcards.factor), COHORTS[cohort].phase_encode)


def shown_sampling(wildcards):
    return RECONSTRUCTION.sampling(MIXES.factor, COHORTS[wildcards.cohort].phase_encode)


def mix_phases(mode):
    """Sources of phase that a mix is trained on, that of its validation slices last."""
    return ["original", RECONSTRUCTION.phase_of(MIXES.phase)] if mode == "mixed" else ["original"]


def chosen_for(arm):
    """What a search has chosen for an arm, if there was one."""
    pattern = rules.choose_reconstruction.output[0]
    return pattern.replace("{arm}", arm) if RECONSTRUCTION.is_searched(arm) else []


def network_of(wildcards):
    return RECONSTRUCTION.models[wildcards.model].model_dump(mode="json")


def tested_arms(model, factor):
    return [arm for arm in RECONSTRUCTION.arms if RECONSTRUCTION.seeds_for(arm, model, factor)]


def arm_tables(arms, model, factor):
    """Per-slice tables of all trainings of some arms."""
    return [
        table
        for arm in arms
        for table in expand(
            rules.evaluate_reconstruction.output.table,
            model=model,
            factor=factor,
            arm=arm,
            number=range(1, RECONSTRUCTION.seeds_for(arm, model, factor) + 1),
            allow_missing=True,
        )
    ]


def table_two_slices(wildcards):
    cells = product(RECONSTRUCTION.models, RECONSTRUCTION.undersampling.factors)
    found = [t for model, factor in cells for t in arm_tables(RECONSTRUCTION.arms, model, factor)]
    floors = expand(
        rules.evaluate_floor.output.table,
        factor=RECONSTRUCTION.undersampling.factors,
        floor=FLOOR_NAMES,
        allow_missing=True,
    )
    return expand([*floors, *found], cohort=wildcards.cohort)


def mix_tables(model):
    """Per-slice tables of all mixes of a model, and of original phase alone."""
    mixed = expand(
        rules.evaluate_mix.output.table,
        model=model,
        factor=MIXES.factor,
        mode=MIXES.modes,
        share=[f"{share:g}" for share in RECONSTRUCTION.mixed_shares],
        number=range(1, RECONSTRUCTION.seeds_for(MIXES.phase, model, MIXES.factor) + 1),
        allow_missing=True,
    )
    return [*mixed, *arm_tables([RECONSTRUCTION.original_arm], model, MIXES.factor)]


def table_three_slices(wildcards):
    found = [table for model in MIXES.models for table in mix_tables(model)]
    return expand(found, cohort=wildcards.cohort)


def shown_arms():
    """Arms on the sheet, of the first model that has mixes."""
    return tested_arms(MIXES.models[0], MIXES.factor)


def sheet_images(wildcards):
    """Images of all methods that the sheet shows, the target first."""
    names = ["target", *FLOOR_NAMES, *shown_arms()]
    return expand(rules.reconstruct_cohort.output, shown=names, cohort=wildcards.cohort)


def sheet_slices(wildcards):
    floors = expand(rules.evaluate_floor.output.table, factor=MIXES.factor, floor=FLOOR_NAMES, allow_missing=True)
    found = [t for arm in shown_arms() for t in arm_tables([arm], MIXES.models[0], MIXES.factor)[:1]]
    return expand([*floors, *found], cohort=wildcards.cohort)


def shown_weights(wildcards):
    """Network behind an image of the sheet, if there is one."""
    if wildcards.shown in ("target", *FLOOR_NAMES):
        return []
    return expand(
        rules.train_reconstruction.output.weights,
        model=MIXES.models[0],
        factor=MIXES.factor,
        arm=wildcards.shown,
        number=1,
    )[0]


def gpu_of_shown(wildcards):
    """GPUs that an image of the sheet needs."""
    needed = gpus_of(RECONSTRUCTION.models[MIXES.models[0]].training)
    return min(1, needed) if shown_weights(wildcards) else 0


def weight_of_compressed_sensing(name, factor):
    return (
        rules.choose_compressed_sensing.output[0].format(factor=factor)
        if name == "compressed_sensing"
        else []
    )
