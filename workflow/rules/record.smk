rule benchmarks_table:
    message: "seconds and memory of all rules"
    input:
        recorded_items,
    output:
        report(
            f"{TABLES}/benchmarks.csv",
            caption="../report/benchmarks.rst",
            category="8 Run",
            labels={"cohort": "all", "figure": "seconds and memory"},
        ),
    params:
        folder=BENCHMARKS,
        slices={
            "scan": f"{SETTINGS.results}/cohorts/{{}}/manifest.parquet",
            "ingest": f"{SETTINGS.results}/cohorts/{{}}/records/{{}}/{{}}.parquet",
            "seal_cohort": f"{SETTINGS.results}/cohorts/{{}}/{{}}.zarr/index.parquet",
            "synthesize": f"{SETTINGS.results}/synthetic/{{}}/{{}}/records/{{}}.parquet",
            "seal_kspace": f"{SETTINGS.results}/synthetic/{{}}/{{}}/kspace.zarr/index.parquet",
            "evaluate_reconstruction": f"{SETTINGS.results}/reconstruction/{{}}/{{}}/{{}}/{{}}/{{}}.parquet",
            "evaluate_mix": f"{SETTINGS.results}/reconstruction/{{}}/{{}}/mixes/{{}}/{{}}/{{}}/{{}}.parquet",
            "evaluate_floor": f"{SETTINGS.results}/reconstruction/floors/{{}}/{{}}/{{}}.parquet",
        },
        code=digest("steps.benchmarks"),
    log:
        f"{LOGS}/benchmarks_table.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/benchmarks_table.py"


rule run_record:
    message: "record of the run: a Workflow Run RO-Crate"
    input:
        tables=recorded_items,
        benchmarks=rules.benchmarks_table.output,
        weights=given_weights,
    output:
        f"{SETTINGS.results}/run_record/ro-crate-metadata.json",
    params:
        config=SETTINGS.model_dump(mode="json"),
        benchmarks=BENCHMARKS,
        code=digest("steps.run_record"),
    log:
        f"{LOGS}/run_record.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("4h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/run_record.py"
