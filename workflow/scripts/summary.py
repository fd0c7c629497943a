from phasegen.steps.seam import step
from phasegen.steps.tables import summary

with step(snakemake.log[0]):
    summary(snakemake.input, snakemake.output[0])
