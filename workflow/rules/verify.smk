rule verify_table:
    message: "check {wildcards.table} of {wildcards.cohort}"
    input:
        table=f"{TABLES}/{{table}}_{{cohort}}.csv",
        comparisons=f"{TABLES}/{{table}}_{{cohort}}_comparisons.csv",
        companions=companions_of,
        record=f"{TABLES}/{{table}}_{{cohort}}.sources.json",
        slices=slices_behind,
    output:
        f"{SETTINGS.results}/verified/{{table}}_{{cohort}}.json",
    params:
        cells=cells_of,
        pairs=pairs_of,
        code=digest("steps.verify_tables"),
    log:
        f"{LOGS}/verify_table/{{table}}/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/verify_table/{{table}}/{{cohort}}.tsv"
    resources:
        mem_mb=growing(3000),
        runtime=growing("1h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/verify_table.py"
