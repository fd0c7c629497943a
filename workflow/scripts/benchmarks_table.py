from phasegen.steps.benchmarks import benchmarks
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    benchmarks(snakemake.params.folder, snakemake.params.slices, snakemake.output[0])
