RATED = f"{SETTINGS.results}/raters/{{cohort}}"


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
        masks=expand(rules.rate_volumes.output.masks, rater=SETTINGS.skull_strip.raters, allow_missing=True),
        records=expand(
            rules.rate_volumes.output.record, rater=SETTINGS.skull_strip.raters, allow_missing=True
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
        raters=SETTINGS.skull_strip.raters,
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
