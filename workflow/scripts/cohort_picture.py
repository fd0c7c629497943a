from phasegen.steps.figures import cohort_picture
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    cohort_picture(snakemake.params.simulation, snakemake.params.subjects, snakemake.output[0])
