from phasegen.steps.figures import phase_quality_sheet
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    phase_quality_sheet(figure=snakemake.output[0], **snakemake.input)
