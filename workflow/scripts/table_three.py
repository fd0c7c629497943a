from phasegen.steps.reconstruction_report import table_three
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    table_three(
        slices=snakemake.input.slices,
        paper=snakemake.input.paper,
        expected=snakemake.params.expected,
        seed=snakemake.params.seed,
        banner=snakemake.params.banner,
        **snakemake.output,
    )
