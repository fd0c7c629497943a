from pandas import DataFrame
from snakemake.utils import Paramspace

SKULL_STRIP = SETTINGS.skull_strip
# Without a search there is still a space, of the one point that nobody asks for.
SEARCHED = Paramspace(
    DataFrame(
        [point for arm in SKULL_STRIP.arms for point in SKULL_STRIP.candidates(arm) if point]
        or [{"learning_rate": SKULL_STRIP.model.training.learning_rate}]
    ).drop_duplicates()
)
STRIPPED = f"{SETTINGS.results}/skull_strip/{{arm}}"
TESTED_SLICES = expand(
    f"{STRIPPED}/{{number}}/{{cohort}}.parquet",
    arm=SKULL_STRIP.arms,
    number=range(1, SKULL_STRIP.seeds + 1),
    allow_missing=True,
)


rule search_skull_strip:
    message: "train skull-stripping on {wildcards.arm} with candidate hyperparameters"
    input:
        store=skull_strip_data,
        masks=f"{COHORT}/mask.zarr/zarr.json".format(cohort=SKULL_STRIP.cohort),
        phase_model=lambda wildcards: phase_model_behind(SKULL_STRIP.phase_of(wildcards.arm)),
    output:
        weights=f"{STRIPPED}/search/{SEARCHED.wildcard_pattern}/model.safetensors",
        history=f"{STRIPPED}/search/{SEARCHED.wildcard_pattern}/history.csv",
    params:
        model=SKULL_STRIP.model.model_dump(mode="json"),
        changes=lambda wildcards: SKULL_STRIP.arms[wildcards.arm].changes()
        | {name: float(wildcards[name]) for name in SKULL_STRIP.search},
        # The candidate that is chosen is the first training of the arm, found finished.
        number=1,
        seed=SETTINGS.seed,
        checkpoints=f"{STRIPPED}/checkpoints",
        code=digest("steps.skull_strip"),
    log:
        f"{LOGS}/search_skull_strip/{{arm}}/{SEARCHED.wildcard_pattern}.log",
    benchmark:
        f"{BENCHMARKS}/search_skull_strip/{{arm}}/{SEARCHED.wildcard_pattern}.tsv"
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
        gpu=gpus_of(SKULL_STRIP.model.training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_skull_strip.py"


rule choose_skull_strip:
    message: "choose the hyperparameters of skull-stripping on {wildcards.arm}"
    input:
        lambda wildcards: expand(
            rules.search_skull_strip.output.weights,
            zip,
            **DataFrame(SKULL_STRIP.candidates(wildcards.arm)).to_dict("list"),
            allow_missing=True,
        ),
    output:
        f"{STRIPPED}/chosen.json",
    params:
        candidates=lambda wildcards: SKULL_STRIP.candidates(wildcards.arm),
        score="validation_dice",
        code=digest("steps.choice"),
    log:
        f"{LOGS}/choose_skull_strip/{{arm}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/choose_hyperparameters.py"


rule train_skull_strip:
    message: "train skull-stripping on {wildcards.arm}, number {wildcards.number}"
    input:
        store=skull_strip_data,
        masks=f"{COHORT}/mask.zarr/zarr.json".format(cohort=SKULL_STRIP.cohort),
        phase_model=lambda wildcards: phase_model_behind(SKULL_STRIP.phase_of(wildcards.arm)),
        chosen=lambda wildcards: (
            rules.choose_skull_strip.output[0] if SKULL_STRIP.is_searched(wildcards.arm) else []
        ),
    output:
        weights=f"{STRIPPED}/{{number}}/model.safetensors",
        history=f"{STRIPPED}/{{number}}/history.csv",
    params:
        model=SKULL_STRIP.model.model_dump(mode="json"),
        changes=lambda wildcards: SKULL_STRIP.arms[wildcards.arm].changes(),
        number=lambda wildcards: int(wildcards.number),
        seed=SETTINGS.seed,
        checkpoints=f"{STRIPPED}/checkpoints",
        code=digest("steps.skull_strip"),
    log:
        f"{LOGS}/train_skull_strip/{{arm}}/{{number}}.log",
    benchmark:
        f"{BENCHMARKS}/train_skull_strip/{{arm}}/{{number}}.tsv"
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
        gpu=gpus_of(SKULL_STRIP.model.training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_skull_strip.py"


rule evaluate_skull_strip:
    message: "test skull-stripping by {wildcards.arm}, number {wildcards.number}, on {wildcards.cohort}"
    input:
        weights=rules.train_skull_strip.output.weights,
        images=f"{COHORT}/images.zarr/zarr.json",
        consensus=rules.consensus.output.masks,
        truth=true_masks,
    output:
        table=f"{STRIPPED}/{{number}}/{{cohort}}.parquet",
        predictions=f"{STRIPPED}/{{number}}/{{cohort}}.npz",
    params:
        sweep=SKULL_STRIP.model_dump(mode="json")["sweep"],
        code=digest("steps.skull_strip_evaluation"),
    log:
        f"{LOGS}/evaluate_skull_strip/{{arm}}/{{number}}/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/evaluate_skull_strip/{{arm}}/{{number}}/{{cohort}}.tsv"
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("4h"),
        gpu=min(1, gpus_of(SKULL_STRIP.model.training)),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/evaluate_skull_strip.py"
