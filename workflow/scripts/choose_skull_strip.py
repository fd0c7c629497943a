from phasegen.steps.seam import step
from phasegen.steps.skull_strip import choose_hyperparameters

with step(snakemake.log[0]):
    choose_hyperparameters(
        list(zip(snakemake.params.candidates, snakemake.input, strict=True)), snakemake.output[0]
    )
