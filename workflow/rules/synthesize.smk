rule synthesize:
    message: "synthesize {wildcards.source} of cohort {wildcards.cohort}, shard {wildcards.shard}"
    input:
        magnitude=f"{COHORT}/magnitude.zarr/zarr.json",
        values=magnitude_shard,
        model=model_of,
    # Of several shards the first; the others have no name that wildcards could give.
    output:
        shard=KSPACE_SHARD,
        record=KSPACE_RECORD,
    params:
        synthesis=synthesis_of,
        seed=SETTINGS.seed,
        shards_per_job=lambda wildcards: SETTINGS.shards_per_job(wildcards.source),
        code=digest("steps.synthesize"),
    log:
        f"{LOGS}/synthesize/{{cohort}}/{{source}}/{{shard}}.log",
    benchmark:
        f"{BENCHMARKS}/synthesize/{{cohort}}/{{source}}/{{shard}}.tsv"
    threads: SETTINGS.synthesis.threads
    resources:
        mem_mb=growing(2000),
        runtime=growing("2h"),
        gpu=lambda wildcards: gpu_of_source(wildcards.source),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/synthesize.py"


rule seal_kspace:
    message: "verify and seal {wildcards.source} of cohort {wildcards.cohort}"
    input:
        magnitude=f"{COHORT}/magnitude.zarr/zarr.json",
        values=magnitude_shards,
        model=model_of,
        shards=of_all_syntheses(KSPACE_SHARD),
        records=of_all_syntheses(KSPACE_RECORD),
    output:
        seal=f"{KSPACE}/zarr.json",
        index=f"{KSPACE}/index.parquet",
    params:
        facts=lambda wildcards: {
            "cohort": wildcards.cohort,
            "source": wildcards.source,
            "seed": SETTINGS.seed,
            "synthesis": synthesis_of(wildcards),
            "code": digest("steps.synthesize"),
        },
        code=digest("steps.seal"),
    log:
        f"{LOGS}/seal/{{cohort}}/{{source}}.log",
    benchmark:
        f"{BENCHMARKS}/seal_kspace/{{cohort}}/{{source}}.tsv"
    resources:
        mem_mb=growing(2000),
        runtime=growing("2h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/seal_kspace.py"
