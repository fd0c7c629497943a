from phasegen.steps.quality import sampling_steps
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    sampling_steps(
        slices=snakemake.input.slices,
        trials=list(zip(snakemake.params.runs, snakemake.input.trials, strict=True)),
        margin=snakemake.params.margin,
        model=snakemake.params.model,
        seed=snakemake.params.seed,
        table=snakemake.output[0],
    )
