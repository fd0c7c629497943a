from phasegen.steps.seam import step
from phasegen.steps.skull_strip_report import sweep

with step(snakemake.log[0]):
    sweep(snakemake.input, snakemake.params.pairs, snakemake.params.seed, **snakemake.output)
