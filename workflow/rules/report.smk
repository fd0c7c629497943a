TESTED = sum(map(simulated_subjects, TEST_COHORTS), [])
# Of those that the run needs anyway.
SIMULATED = sum(map(simulated_subjects, [*SHOWN_COHORTS, *RAW_COHORTS]), [])
SHOWN_SUBJECTS = [name for name in dict.fromkeys(SIMULATED) if name not in TESTED][:6]


rule contact_sheet:
    message: "contact sheet of cohort {wildcards.cohort}"
    input:
        magnitude=f"{COHORT}/magnitude.zarr/zarr.json",
        kspace=expand(f"{KSPACE}/zarr.json", source=SETTINGS.synthesis.sources, allow_missing=True),
    output:
        report(
            f"{FIGURES}/contact_sheet_{{cohort}}.png",
            caption="../report/contact_sheet.rst",
            category="3 Synthetic k-space",
            labels={"cohort": "{cohort}", "figure": "contact sheet"},
        ),
    params:
        sources=SETTINGS.synthesis.sources,
        code=digest("steps.figures"),
    log:
        f"{LOGS}/contact_sheet/{{cohort}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/contact_sheet.py"


rule raw_sheet:
    message: "contact sheet of the raw cohort {wildcards.cohort}"
    input:
        f"{COHORT}/images.zarr/zarr.json",
    output:
        report(
            f"{FIGURES}/raw_sheet_{{cohort}}.png",
            caption="../report/raw_sheet.rst",
            category="1 Training data",
            labels={"cohort": "{cohort}", "figure": "magnitude, phase, k-space"},
        ),
    params:
        code=digest("steps.figures"),
    log:
        f"{LOGS}/raw_sheet/{{cohort}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/raw_sheet.py"


rule cohort_picture:
    message: "picture of simulated subjects"
    input:
        simulated_files(SHOWN_SUBJECTS),
    output:
        report(
            f"{FIGURES}/simulated_subjects.png",
            caption="../report/simulated_subjects.rst",
            category="1 Training data",
            labels={"cohort": "simulated", "figure": "six subjects"},
        ),
    params:
        simulation=SIMULATION.model_dump(mode="json", exclude={"subjects_per_job"}),
        subjects=SHOWN_SUBJECTS,
        code=digest("steps.figures"),
    log:
        f"{LOGS}/cohort_picture.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/cohort_picture.py"


rule training_curve:
    message: "curve of the training of {wildcards.model}"
    input:
        rules.train_phase.output.history,
    output:
        report(
            f"{FIGURES}/training_{{model}}.svg",
            caption="../report/training.rst",
            category="2 Phase model",
            labels={"cohort": "all raw, loss of {model}"},
        ),
    params:
        code=digest("steps.figures"),
    log:
        f"{LOGS}/training_curve/{{model}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/training_curve.py"


rule data_crimes:
    message: "list what would flatter results"
    input:
        [seal for seal in sealed_arrays(SHOWN_COHORTS) if "/mask.zarr/" not in seal],
    output:
        report(
            f"{SETTINGS.results}/tables/data_crimes.csv",
            caption="../report/data_crimes.rst",
            category="1 Training data",
            labels={"cohort": "all, data crimes"},
        ),
    params:
        code=digest("steps.tables"),
    log:
        f"{LOGS}/data_crimes.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/data_crimes.py"


rule summary:
    message: "summary of all stores"
    input:
        expand(f"{KSPACE}/zarr.json", cohort=MAGNITUDE_COHORTS, source=SETTINGS.synthesis.sources),
    output:
        report(
            f"{SETTINGS.results}/tables/summary.csv",
            caption="../report/summary.rst",
            category="3 Synthetic k-space",
            # Two results of two labels each would be taken for a pair to switch between, and break the page.
            labels={"cohort": "all, in one table"},
        ),
    params:
        code=digest("steps.tables"),
    log:
        f"{LOGS}/summary.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/summary.py"


REPORT_ITEMS = [
    rules.summary.output,
    rules.data_crimes.output,
    expand(rules.contact_sheet.output, cohort=MAGNITUDE_COHORTS),
    expand(rules.raw_sheet.output, cohort=[name for name in RAW_COHORTS if name in SHOWN_COHORTS]),
    expand(rules.training_curve.output, model=models_to_train(SETTINGS)),
    rules.cohort_picture.output if any(map(is_simulated, SHOWN_COHORTS)) else [],
]
