checkpoint scan:
    message: "scan the headers of cohort {wildcards.cohort}"
    input:
        lambda wildcards: simulated_files(simulated_subjects(wildcards.cohort)),
        lambda wildcards: marks_of(wildcards.cohort),
    output:
        manifest=f"{COHORT}/manifest.parquet",
        plan=f"{COHORT}/plan.json",
    params:
        cohort=row_of,
        coils=SETTINGS.ingest.coils,
        files=lambda wildcards: listing(wildcards.cohort),
        code=digest("steps.scan"),
    log:
        f"{LOGS}/scan/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/scan/{{cohort}}.tsv"
    # Bad files are to be told before anything heavy begins.
    priority: 100
    resources:
        mem_mb=growing(1000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/scan.py"


rule ingest:
    message: "ingest {wildcards.array} of cohort {wildcards.cohort}, shard {wildcards.shard}"
    input:
        manifest=f"{COHORT}/manifest.parquet",
    # Of several shards the first; the others have no name that wildcards could give.
    output:
        shard=SHARD,
        record=RECORD,
    params:
        cohort=row_of,
        ingest=ingest_of,
        shards_per_job=SETTINGS.ingest.shards_per_job,
        code=digest("steps.ingest"),
    log:
        f"{LOGS}/ingest/{{cohort}}/{{array}}/{{shard}}.log",
    benchmark:
        f"{BENCHMARKS}/ingest/{{cohort}}/{{array}}/{{shard}}.tsv"
    priority: 50
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/ingest.py"


rule seal_cohort:
    message: "verify and seal {wildcards.array} of cohort {wildcards.cohort}"
    input:
        manifest=f"{COHORT}/manifest.parquet",
        shards=of_all_ingests(SHARD),
        records=of_all_ingests(RECORD),
    output:
        seal=f"{COHORT}/{{array}}.zarr/zarr.json",
        index=f"{COHORT}/{{array}}.zarr/index.parquet",
    params:
        ingest=ingest_of,
        facts=lambda wildcards: {
            "cohort": row_of(wildcards),
            "ingest": ingest_of(wildcards),
            "code": digest("steps.ingest"),
        },
        code=digest("steps.seal"),
    log:
        f"{LOGS}/seal/{{cohort}}/{{array}}.log",
    benchmark:
        f"{BENCHMARKS}/seal_cohort/{{cohort}}/{{array}}.tsv"
    priority: 50
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/seal_cohort.py"


rule cohorts_table:
    message: "list what was ingested"
    input:
        sealed_arrays(SHOWN_COHORTS),
    output:
        f"{SETTINGS.results}/cohorts/ingested.csv",
    params:
        code=digest("steps.tables"),
    log:
        f"{LOGS}/cohorts_table.log",
    priority: 50
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/cohorts_table.py"
