QUALITY = SETTINGS.quality
SLICES = f"{SETTINGS.results}/quality/{{size}}/{{slices}}.npz"
TRIAL = f"{SETTINGS.results}/quality/{{size}}/{{slices}}/{{trial}}.npz"
TABLE_TRIALS = table_trials()
RUNS = runs()
# Slices at most, and samples of each magnitude.
SLICE_SETS = {
    "table": (QUALITY.slices, 1),
    "repeated": (QUALITY.compared, QUALITY.samples),
    "compared": (QUALITY.compared, 1),
}


rule pick_slices:
    message: "pick slices of test subjects: {wildcards.slices}, size {wildcards.size}"
    input:
        [f"{COHORT}/images.zarr/zarr.json".format(cohort=cohort) for cohort in TEST_COHORTS],
    output:
        SLICES,
    params:
        slices=lambda wildcards: SLICE_SETS[wildcards.slices][0],
        size=lambda wildcards: int(wildcards.size),
        seed=SETTINGS.seed,
        code=digest("steps.quality"),
    log:
        f"{LOGS}/pick_slices/{{size}}/{{slices}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/pick_slices.py"


rule sample_trial:
    message: "sample {wildcards.trial} for the slices {wildcards.slices}"
    input:
        slices=rules.pick_slices.output[0],
        model=model_of_trial,
    output:
        TRIAL,
    params:
        source=lambda wildcards: wildcards.trial.split(".")[0],
        synthesis=synthesis_of_trial,
        samples=lambda wildcards: SLICE_SETS[wildcards.slices][1],
        seed=SETTINGS.seed,
        code=digest("steps.quality"),
    log:
        f"{LOGS}/sample_trial/{{size}}/{{slices}}/{{trial}}.log",
    benchmark:
        f"{BENCHMARKS}/sample_trial/{{size}}/{{slices}}/{{trial}}.tsv"
    threads: SETTINGS.synthesis.threads
    resources:
        mem_mb=growing(2000),
        runtime=growing("2h"),
        gpu=lambda wildcards: gpu_of_source(wildcards.trial.split(".")[0]),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/sample_trial.py"


rule phase_quality_table:
    message: "realism of the phase of every source, size {wildcards.size}"
    input:
        slices=expand(SLICES, slices="table", allow_missing=True)[0],
        trials=expand(TRIAL, slices="table", trial=TABLE_TRIALS.values(), allow_missing=True),
        compared=expand(SLICES, slices="repeated", allow_missing=True)[0],
        repeats=expand(TRIAL, slices="repeated", trial=TABLE_TRIALS.values(), allow_missing=True),
    output:
        table=report(
            f"{SETTINGS.results}/tables/phase_quality_{{size}}.csv",
            caption="../report/phase_quality.rst",
            category="4 Phase quality",
            labels={"cohort": "test", "figure": "table, size {size}"},
        ),
        curves=f"{SETTINGS.results}/quality/{{size}}/curves.csv",
    params:
        sources=list(TABLE_TRIALS),
        seed=SETTINGS.seed,
        code=digest("steps.quality"),
    log:
        f"{LOGS}/phase_quality_table/{{size}}.log",
    benchmark:
        f"{BENCHMARKS}/phase_quality_table/{{size}}.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/phase_quality_table.py"


rule phase_quality_text:
    message: "the table of realism for people to read, size {wildcards.size}"
    input:
        rules.phase_quality_table.output.table,
    output:
        markdown=f"{TABLES}/phase_quality_{{size}}.md",
        latex=f"{TABLES}/phase_quality_{{size}}.tex",
    params:
        banner=SETTINGS.banner,
        code=digest("steps.tables"),
    log:
        f"{LOGS}/phase_quality_text/{{size}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/phase_quality_text.py"


rule phase_quality_figure:
    message: "figure of the realism of the phase, size {wildcards.size}"
    input:
        table=rules.phase_quality_table.output.table,
        curves=rules.phase_quality_table.output.curves,
    output:
        report(
            f"{FIGURES}/phase_quality_{{size}}.svg",
            caption="../report/phase_quality.rst",
            category="4 Phase quality",
            labels={"cohort": "test", "figure": "realism, size {size}"},
        ),
    params:
        code=digest("steps.figures"),
    log:
        f"{LOGS}/phase_quality_figure/{{size}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/phase_quality_figure.py"


rule phase_quality_sheet:
    message: "true and sampled phase of test subjects, size {wildcards.size}"
    input:
        slices=expand(SLICES, slices="repeated", allow_missing=True)[0],
        repeats=expand(TRIAL, slices="repeated", trial=TABLE_TRIALS["phasegen"], allow_missing=True)[0],
    output:
        report(
            f"{FIGURES}/phase_quality_sheet_{{size}}.png",
            caption="../report/phase_quality_sheet.rst",
            category="4 Phase quality",
            labels={"cohort": "test", "figure": "examples, size {size}"},
        ),
    params:
        code=digest("steps.figures"),
    log:
        f"{LOGS}/phase_quality_sheet/{{size}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/phase_quality_sheet.py"


rule sampling_steps_table:
    message: "quality and time against the number of network evaluations"
    input:
        slices=SLICES.format(size=QUALITY.sizes[0], slices="compared"),
        trials=expand(TRIAL, size=QUALITY.sizes[0], slices="compared", trial=RUNS),
    output:
        report(
            f"{SETTINGS.results}/tables/sampling_steps.csv",
            caption="../report/sampling_steps.rst",
            category="4 Phase quality",
            labels={"cohort": "test", "figure": "table of steps"},
        ),
    params:
        runs=list(RUNS.values()),
        margin=QUALITY.margin,
        model=SETTINGS.synthesis.model,
        seed=SETTINGS.seed,
        code=digest("steps.quality"),
    log:
        f"{LOGS}/sampling_steps_table.log",
    benchmark:
        f"{BENCHMARKS}/sampling_steps_table/all.tsv"
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/sampling_steps_table.py"


rule sampling_steps_figure:
    message: "figure of quality against steps"
    input:
        rules.sampling_steps_table.output,
    output:
        report(
            f"{FIGURES}/sampling_steps.svg",
            caption="../report/sampling_steps.rst",
            category="4 Phase quality",
            labels={"cohort": "test", "figure": "quality against steps"},
        ),
    params:
        code=digest("steps.figures"),
    log:
        f"{LOGS}/sampling_steps_figure.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/sampling_steps_figure.py"


rule model_card:
    message: "model card of the phase model"
    input:
        weights=weights_of(SETTINGS.synthesis.model),
        tables=expand(rules.phase_quality_table.output.table, size=QUALITY.sizes),
    output:
        f"{SETTINGS.results}/tables/model_card.md",
    params:
        sizes=QUALITY.sizes,
        model=SETTINGS.synthesis.model,
        code=digest("steps.tables"),
    log:
        f"{LOGS}/model_card.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/model_card.py"
