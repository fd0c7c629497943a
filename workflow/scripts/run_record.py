from phasegen.steps.run_record import run_record
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    run_record(
        config=snakemake.params.config,
        weights=snakemake.input.weights,
        benchmarks=snakemake.params.benchmarks,
        out=snakemake.output[0],
    )
