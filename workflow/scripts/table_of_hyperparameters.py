from phasegen.steps.appendix import table_of_hyperparameters
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    pairs = zip(snakemake.params.networks, snakemake.input.weights, strict=True)
    table_of_hyperparameters(
        number=snakemake.params.number,
        trained=[(*network, path) for network, path in pairs],
        paper=snakemake.input.paper,
        banner=snakemake.params.banner,
        **snakemake.output,
    )
