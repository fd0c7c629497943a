from phasegen.steps.seam import step
from phasegen.steps.skull_strip_report import figure_four

with step(snakemake.log[0]):
    figure_four(snakemake.input, snakemake.output[0])
