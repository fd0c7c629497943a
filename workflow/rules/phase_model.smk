rule train_phase:
    message: "train the phase model {wildcards.model}"
    input:
        images=[f"{COHORT}/images.zarr/zarr.json".format(cohort=cohort) for cohort in RAW_COHORTS],
        # Every cohort is to be sound before hours of training; none of them changes its result.
        ingested=ancient(rules.cohorts_table.output),
    output:
        weights=f"{PHASE_MODEL}/model.safetensors",
        history=f"{PHASE_MODEL}/history.csv",
        split=f"{PHASE_MODEL}/subjects.tsv",
    params:
        model=lambda wildcards: SETTINGS.phase_models[wildcards.model].model_dump(mode="json"),
        seed=SETTINGS.seed,
        # No output: Snakemake deletes those of an interrupted job, and this is how it resumes.
        checkpoints=f"{PHASE_MODEL}/checkpoints",
        code=digest("steps.train_phase"),
    log:
        f"{LOGS}/train_phase/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/train_phase/{{model}}.tsv"
    threads: lambda wildcards: SETTINGS.phase_models[wildcards.model].training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("12h"),
        gpu=lambda wildcards: gpus_of(SETTINGS.phase_models[wildcards.model].training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_phase.py"
