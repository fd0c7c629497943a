from phasegen.steps.seam import step
from phasegen.steps.tables import cohorts_table

with step(snakemake.log[0]):
    cohorts_table(snakemake.input, snakemake.output[0])
