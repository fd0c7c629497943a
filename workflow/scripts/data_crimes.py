from phasegen.steps.seam import step
from phasegen.steps.tables import data_crimes

with step(snakemake.log[0]):
    data_crimes(snakemake.input, snakemake.output[0])
