rule reconstruct_cohort:
    message: "reconstruct {wildcards.cohort} by {wildcards.shown} for the sheet"
    input:
        images=f"{COHORT}/images.zarr/zarr.json",
        weights=shown_weights,
        chosen=lambda wildcards: weight_of_compressed_sensing(wildcards.shown, MIXES.factor),
    output:
        temp(f"{SETTINGS.results}/reconstruction/sheet/{{cohort}}/{{shown}}.npz"),
    params:
        sampling=shown_sampling,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.reconstruction_floors"),
    log:
        f"{LOGS}/reconstruct_cohort/{{cohort}}/{{shown}}.log",
    benchmark:
        f"{BENCHMARKS}/reconstruct_cohort/{{cohort}}/{{shown}}.tsv"
    resources:
        mem_mb=growing(8000),
        runtime=growing("4h"),
        gpu=gpu_of_shown,
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/reconstruct_cohort.py"


rule table_two:
    message: "Table II: reconstruction on {wildcards.cohort}"
    input:
        slices=table_two_slices,
        paper=f"{ROOT}/resources/paper_tables.csv",
    output:
        table=report(
            f"{TABLES}/table2_{{cohort}}.csv",
            caption="../report/table_two.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table II"},
        ),
        comparisons=report(
            f"{TABLES}/table2_{{cohort}}_comparisons.csv",
            caption="../report/table_two.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table II, paired differences"},
        ),
        contrasts=f"{TABLES}/table2_{{cohort}}_contrasts.csv",
        markdown=f"{TABLES}/table2_{{cohort}}.md",
        latex=f"{TABLES}/table2_{{cohort}}.tex",
        sources=f"{TABLES}/table2_{{cohort}}.sources.json",
    params:
        pairs=RECONSTRUCTION.comparisons,
        expected=[
            (model, factor, arm)
            for model in RECONSTRUCTION.models
            for factor in RECONSTRUCTION.undersampling.factors
            for arm in RECONSTRUCTION.arms
        ],
        seed=SETTINGS.seed,
        banner=SETTINGS.banner,
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/table_two/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/table_two/{{cohort}}.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_two.py"


rule table_three:
    message: "Table III: mixed splits on {wildcards.cohort}"
    input:
        slices=table_three_slices,
        paper=f"{ROOT}/resources/paper_tables.csv",
    output:
        table=report(
            f"{TABLES}/table3_{{cohort}}.csv",
            caption="../report/table_three.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table III"},
        ),
        comparisons=report(
            f"{TABLES}/table3_{{cohort}}_comparisons.csv",
            caption="../report/table_three.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table III, paired differences"},
        ),
        contrasts=f"{TABLES}/table3_{{cohort}}_contrasts.csv",
        markdown=f"{TABLES}/table3_{{cohort}}.md",
        latex=f"{TABLES}/table3_{{cohort}}.tex",
        sources=f"{TABLES}/table3_{{cohort}}.sources.json",
    params:
        expected=[
            (model, MIXES.factor, share, mode)
            for model in RECONSTRUCTION.models
            for share in MIXES.shares
            for mode in MIXES.modes
            if share < 100 or mode == "mixed"
        ],
        seed=SETTINGS.seed,
        banner=SETTINGS.banner,
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/table_three/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/table_three/{{cohort}}.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_three.py"


rule figure_five:
    message: "Figure 5: reconstruction on {wildcards.cohort}"
    input:
        table_two_slices,
    output:
        report(
            f"{FIGURES}/figure5_{{cohort}}.svg",
            caption="../report/figure_five.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Figure 5"},
        ),
    params:
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/figure_five/{{cohort}}.log",
    resources:
        mem_mb=growing(3000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_five.py"


rule figure_six:
    message: "Figure 6: reconstruction against the share of original phase on {wildcards.cohort}"
    input:
        two=rules.table_two.output.table,
        three=rules.table_three.output.table,
    output:
        figure=report(
            f"{FIGURES}/figure6_{{cohort}}.svg",
            caption="../report/figure_six.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Figure 6"},
        ),
    params:
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/figure_six/{{cohort}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_six.py"


rule reconstruction_sheet:
    message: "best, median and worst reconstructions of {wildcards.cohort}"
    input:
        images=sheet_images,
        slices=sheet_slices,
    output:
        report(
            f"{FIGURES}/reconstruction_{{cohort}}.png",
            caption="../report/reconstruction_sheet.rst",
            category="6 Reconstruction",
            labels={"cohort": "{cohort}", "figure": "best, median, worst"},
        ),
    params:
        names=[*FLOOR_NAMES, *shown_arms()],
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/reconstruction_sheet/{{cohort}}.log",
    resources:
        mem_mb=growing(4000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/reconstruction_sheet.py"
