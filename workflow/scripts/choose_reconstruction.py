from phasegen.steps.reconstruction import choose_hyperparameters
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    choose_hyperparameters(
        list(zip(snakemake.params.candidates, snakemake.input, strict=True)), snakemake.output[0]
    )
