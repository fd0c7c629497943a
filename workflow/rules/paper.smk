rule figure_two:
    message: "Figure 2: forward and reverse process of a slice of {wildcards.cohort}"
    input:
        magnitude=f"{COHORT}/magnitude.zarr/zarr.json",
        original=original_of,
        model=weights_of(SETTINGS.synthesis.model),
    output:
        report(
            f"{FIGURES}/figure2_{{cohort}}.svg",
            caption="../report/figure_two.rst",
            category="2 Phase model",
            labels={"cohort": "{cohort}", "figure": "Figure 2"},
        ),
    params:
        synthesis=SETTINGS.synthesis.model_dump(mode="json", exclude={"sources", "model", "shards_per_job"}),
        seed=SETTINGS.seed,
        code=digest("steps.phase_figures"),
    log:
        f"{LOGS}/figure_two/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/figure_two/{{cohort}}.tsv"
    threads: SETTINGS.synthesis.threads
    resources:
        mem_mb=growing(2000),
        runtime=growing("1h"),
        gpu=gpu_of_source("phasegen"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_two.py"


rule figure_three:
    message: "Figure 3: original and generated phase of {wildcards.cohort}, unwrapped"
    input:
        magnitude=f"{COHORT}/magnitude.zarr/zarr.json",
        original=original_of,
        kspace=f"{KSPACE}/zarr.json".replace("{source}", "phasegen"),
    output:
        report(
            f"{FIGURES}/figure3_{{cohort}}.svg",
            caption="../report/figure_three.rst",
            category="2 Phase model",
            labels={"cohort": "{cohort}", "figure": "Figure 3"},
        ),
    params:
        code=digest("steps.phase_figures"),
    log:
        f"{LOGS}/figure_three/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/figure_three/{{cohort}}.tsv"
    resources:
        mem_mb=growing(2000),
        runtime=growing("30m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_three.py"


rule table_a_one:
    message: "Table A1: data sets"
    input:
        plans=[f"{COHORT}/plan.json".format(cohort=cohort) for cohort in used_cohorts()],
        weights=given_phase_model(),
        paper=workflow.source_path(PAPER_APPENDIX),
    output:
        table=report(
            f"{TABLES}/tableA1.csv",
            caption="../report/table_a_one.rst",
            category="7 Appendix",
            labels={"figure": "Table A1"},
        ),
        markdown=f"{TABLES}/tableA1.md",
        latex=f"{TABLES}/tableA1.tex",
    params:
        used=used_data_sets,
        cohorts=used_cohorts(),
        banner=SETTINGS.banner,
        code=digest("steps.appendix"),
    log:
        f"{LOGS}/table_a_one.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_a_one.py"


rule table_a_two:
    message: "Table A2: hyperparameters of skull-stripping"
    input:
        weights=stripping_weights,
        paper=workflow.source_path(PAPER_APPENDIX),
    output:
        table=report(
            f"{TABLES}/tableA2.csv",
            caption="../report/table_of_hyperparameters.rst",
            category="7 Appendix",
            labels={"figure": "Table A2, skull-stripping"},
        ),
        markdown=f"{TABLES}/tableA2.md",
        latex=f"{TABLES}/tableA2.tex",
    params:
        number="A2",
        networks=stripping_networks,
        banner=SETTINGS.banner,
        code=digest("steps.appendix"),
    log:
        f"{LOGS}/table_a_two.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_of_hyperparameters.py"


use rule table_a_two as table_a_three with:
    message: "Table A3: hyperparameters of reconstruction"
    input:
        weights=reconstruction_weights,
        paper=workflow.source_path(PAPER_APPENDIX),
    output:
        table=report(
            f"{TABLES}/tableA3.csv",
            caption="../report/table_of_hyperparameters.rst",
            category="7 Appendix",
            labels={"figure": "Table A3, reconstruction"},
        ),
        markdown=f"{TABLES}/tableA3.md",
        latex=f"{TABLES}/tableA3.tex",
    params:
        number="A3",
        networks=reconstruction_networks,
        banner=SETTINGS.banner,
        code=digest("steps.appendix"),
    log:
        f"{LOGS}/table_a_three.log",
