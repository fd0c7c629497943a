rule export_store:
    message: "export {wildcards.source} of cohort {wildcards.cohort} as {wildcards.format}"
    input:
        f"{KSPACE}/zarr.json",
    output:
        f"{SETTINGS.results}/exports/{{cohort}}/{{source}}/{{format}}/export.json",
    params:
        code=digest("steps.export"),
    log:
        f"{LOGS}/export/{{cohort}}/{{source}}/{{format}}.log",
    benchmark:
        f"{BENCHMARKS}/export_store/{{cohort}}/{{source}}/{{format}}.tsv"
    resources:
        mem_mb=growing(1000),
        runtime=growing("8h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/export_store.py"
