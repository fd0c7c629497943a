from phasegen.steps.reconstruction_report import figure_six
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    figure_six(**snakemake.input, **snakemake.output)
