from phasegen.steps.figures import training_curve
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    training_curve(snakemake.input[0], snakemake.output[0])
