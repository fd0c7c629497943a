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
