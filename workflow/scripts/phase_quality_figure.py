from phasegen.steps.figures import phase_quality_figure
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    phase_quality_figure(figure=snakemake.output[0], **snakemake.input)
