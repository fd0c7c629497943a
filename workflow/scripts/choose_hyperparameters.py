from phasegen.steps.choice import choose_hyperparameters
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    choose_hyperparameters(
        list(zip(snakemake.params.candidates, snakemake.input, strict=True)),
        snakemake.params.score,
        snakemake.output[0],
    )
