from phasegen.steps.reconstruction_report import figure_five
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    figure_five(list(snakemake.input), snakemake.output[0])
