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
RATED = f"{SETTINGS.results}/raters/{{cohort}}"
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


rule rate_volumes:
    message: "extract the brains of cohort {wildcards.cohort} by {wildcards.rater}"
    input:
        manifest=f"{COHORT}/manifest.parquet",
    output:
        masks=f"{RATED}/{{rater}}.npz",
        record=f"{RATED}/{{rater}}.csv",
    params:
        cohort=row_of,
        ingest=ingest_of,
        rater=lambda wildcards: SETTINGS.raters[wildcards.rater].model_dump(mode="json"),
        # A built-in rater is imported by its name alone.
        code=lambda wildcards: digest("steps.raters")
        + digest(f"raters.{SETTINGS.raters[wildcards.rater].method or 'command'}"),
    log:
        f"{LOGS}/rate_volumes/{{cohort}}/{{rater}}.log",
    benchmark:
        f"{BENCHMARKS}/rate_volumes/{{cohort}}/{{rater}}.tsv"
    resources:
        mem_mb=growing(4000),
        runtime=growing("8h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/rate_volumes.py"


rule consensus:
    message: "consensus of all raters on cohort {wildcards.cohort}"
    input:
        manifest=f"{COHORT}/manifest.parquet",
        masks=expand(rules.rate_volumes.output.masks, rater=SKULL_STRIP.raters, allow_missing=True),
        records=expand(
            rules.rate_volumes.output.record, rater=SKULL_STRIP.raters, allow_missing=True
        ),
        truth=true_masks,
    output:
        masks=f"{RATED}/consensus/staple.npz",
        table=report(
            f"{RATED}/consensus/raters.csv",
            caption="../report/raters.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "raters"},
        ),
    params:
        raters=SKULL_STRIP.raters,
        code=digest("steps.raters"),
    log:
        f"{LOGS}/consensus/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/consensus/{{cohort}}.tsv"
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/consensus.py"


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


rule skull_strip_table:
    message: "Table I: skull-stripping on {wildcards.cohort}"
    input:
        slices=TESTED_SLICES,
        paper=f"{ROOT}/resources/paper_tables.csv",
    output:
        table=report(
            f"{TABLES}/table1_{{cohort}}.csv",
            caption="../report/table_one.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "Table I"},
        ),
        comparisons=report(
            f"{TABLES}/table1_{{cohort}}_comparisons.csv",
            caption="../report/table_one.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "paired differences"},
        ),
        contrasts=report(
            f"{TABLES}/table1_{{cohort}}_contrasts.csv",
            caption="../report/table_one.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "by contrast"},
        ),
        markdown=f"{TABLES}/table1_{{cohort}}.md",
        latex=f"{TABLES}/table1_{{cohort}}.tex",
        sources=f"{TABLES}/table1_{{cohort}}.sources.json",
    params:
        pairs=SKULL_STRIP.comparisons,
        seed=SETTINGS.seed,
        banner=SETTINGS.banner,
        code=digest("steps.skull_strip_report"),
    log:
        f"{LOGS}/skull_strip_table/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/skull_strip_table/{{cohort}}.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/skull_strip_table.py"


rule skull_strip_figure:
    message: "Figure 4: skull-stripping on {wildcards.cohort}"
    input:
        TESTED_SLICES,
    output:
        report(
            f"{FIGURES}/figure4_{{cohort}}.svg",
            caption="../report/figure_four.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "Figure 4"},
        ),
    params:
        code=digest("steps.skull_strip_report"),
    log:
        f"{LOGS}/skull_strip_figure/{{cohort}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/skull_strip_figure.py"


rule skull_strip_sweep:
    message: "skull-stripping on {wildcards.cohort} against added phase"
    input:
        TESTED_SLICES,
    output:
        table=report(
            f"{TABLES}/skull_strip_sweep_{{cohort}}.csv",
            caption="../report/skull_strip_sweep.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "table of added phase"},
        ),
        comparisons=f"{TABLES}/skull_strip_sweep_{{cohort}}_comparisons.csv",
        figure=report(
            f"{FIGURES}/skull_strip_sweep_{{cohort}}.svg",
            caption="../report/skull_strip_sweep.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "added phase"},
        ),
        sources=f"{TABLES}/skull_strip_sweep_{{cohort}}.sources.json",
    params:
        pairs=SKULL_STRIP.comparisons,
        seed=SETTINGS.seed,
        code=digest("steps.skull_strip_report"),
    log:
        f"{LOGS}/skull_strip_sweep/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/skull_strip_sweep/{{cohort}}.tsv"
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/skull_strip_sweep.py"


rule skull_strip_cases:
    message: "best, median and worst cases of {wildcards.cohort}"
    input:
        images=f"{COHORT}/images.zarr/zarr.json",
        staple=rules.consensus.output.masks,
        slices=expand(rules.evaluate_skull_strip.output.table, arm=SKULL_STRIP.arms, number=1, allow_missing=True),
        predictions=expand(
            rules.evaluate_skull_strip.output.predictions, arm=SKULL_STRIP.arms, number=1, allow_missing=True
        ),
    output:
        report(
            f"{FIGURES}/skull_strip_cases_{{cohort}}.png",
            caption="../report/skull_strip_cases.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "best, median, worst"},
        ),
    params:
        arms=list(SKULL_STRIP.arms),
        code=digest("steps.skull_strip_report"),
    log:
        f"{LOGS}/skull_strip_cases/{{cohort}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/skull_strip_cases.py"


rule brain_masks:
    message: "brain masks of all raters on {wildcards.cohort}"
    input:
        images=f"{COHORT}/images.zarr/zarr.json",
        masks=rules.consensus.input.masks,
        staple=rules.consensus.output.masks,
    output:
        report(
            f"{FIGURES}/brain_masks_{{cohort}}.png",
            caption="../report/brain_masks.rst",
            category="5 Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "masks of the raters"},
        ),
    params:
        raters=SKULL_STRIP.raters,
        note=lambda wildcards: ""
        if "mask" in arrays(wildcards.cohort)
        else "masks by programs alone, not verified by a person",
        code=digest("steps.skull_strip_report"),
    log:
        f"{LOGS}/brain_masks/{{cohort}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/brain_masks.py"
