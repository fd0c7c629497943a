rule simulate:
    message: "simulate {params.subjects}"
    output:
        local(expand(
            f"{SIMULATION.folder}/{{{{group}}}}/{{{{subject}}}}/{{{{subject}}}}_{{file}}",
            file=[
                *(f"{contrast}.h5" for contrast in SIMULATION.contrasts),
                *(f"{contrast}.nii.gz" for contrast in SIMULATION.contrasts),
                "mask.nii.gz",
            ],
        )),
    params:
        simulation=SIMULATION.model_dump(mode="json", exclude={"subjects_per_job"}),
        subjects=simulated_together,
        seed=SETTINGS.seed,
        code=digest("steps.simulate"),
    log:
        f"{LOGS}/simulate/{{group}}/{{subject}}.log",
    benchmark:
        f"{BENCHMARKS}/simulate/{{group}}/{{subject}}.tsv"
    resources:
        mem_mb=growing(1500),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/simulate.py"
