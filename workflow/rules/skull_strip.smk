from pandas import DataFrame
from snakemake.utils import Paramspace

SKULL_STRIP = SETTINGS.skull_strip
# Without a search there is still a space, of the one point that nobody asks for.
SEARCHED = Paramspace(
    DataFrame(
        SKULL_STRIP.candidates()
        if SKULL_STRIP.search
        else [{"learning_rate": SKULL_STRIP.model.training.learning_rate}]
    )
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
        number=0,
        seed=SETTINGS.seed,
        checkpoints=f"{STRIPPED}/checkpoints",
        code=digest("steps.skull_strip"),
    log:
        f"{LOGS}/search_skull_strip/{{arm}}/{SEARCHED.wildcard_pattern}.log",
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=4000,
        runtime="24h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_skull_strip.py"


rule choose_skull_strip:
    message: "choose the hyperparameters of skull-stripping on {wildcards.arm}"
    input:
        expand(
            rules.search_skull_strip.output.weights,
            zip,
            **SEARCHED.dataframe.to_dict("list"),
            allow_missing=True,
        ),
    output:
        f"{STRIPPED}/chosen.json",
    params:
        candidates=SKULL_STRIP.candidates(),
        code=digest("steps.skull_strip"),
    log:
        f"{LOGS}/choose_skull_strip/{{arm}}.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/choose_skull_strip.py"


rule train_skull_strip:
    message: "train skull-stripping on {wildcards.arm}, number {wildcards.number}"
    input:
        store=skull_strip_data,
        masks=f"{COHORT}/mask.zarr/zarr.json".format(cohort=SKULL_STRIP.cohort),
        phase_model=lambda wildcards: phase_model_behind(SKULL_STRIP.phase_of(wildcards.arm)),
        chosen=rules.choose_skull_strip.output if SKULL_STRIP.search else [],
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
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=4000,
        runtime="24h",
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
        cohort=lambda wildcards: COHORTS[wildcards.cohort].model_dump(mode="json"),
        ingest=SETTINGS.ingest.model_dump(mode="json"),
        rater=lambda wildcards: SETTINGS.raters[wildcards.rater].model_dump(mode="json"),
        code=digest("steps.raters"),
    log:
        f"{LOGS}/rate_volumes/{{cohort}}/{{rater}}.log",
    resources:
        mem_mb=4000,
        runtime="8h",
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
            category="Skull-stripping",
            labels={"cohort": "{cohort}", "figure": "raters"},
        ),
    params:
        raters=SKULL_STRIP.raters,
        code=digest("steps.raters"),
    log:
        f"{LOGS}/consensus/{{cohort}}.log",
    resources:
        mem_mb=2000,
        runtime="1h",
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
    threads: SKULL_STRIP.model.training.threads
    resources:
        mem_mb=4000,
        runtime="4h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/evaluate_skull_strip.py"
