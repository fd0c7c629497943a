from phasegen.steps.reconstruction_report import table_two
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    table_two(
        slices=snakemake.input.slices,
        paper=snakemake.input.paper,
        pairs=snakemake.params.pairs,
        expected=snakemake.params.expected,
        seed=snakemake.params.seed,
        banner=snakemake.params.banner,
        **snakemake.output,
    )
