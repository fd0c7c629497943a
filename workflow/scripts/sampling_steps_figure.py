from phasegen.steps.figures import sampling_steps_figure
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    sampling_steps_figure(snakemake.input[0], snakemake.output[0])
