from phasegen.steps.seam import step
from phasegen.steps.skull_strip_report import table_one

with step(snakemake.log[0]):
    table_one(
        slices=snakemake.input.slices,
        paper=snakemake.input.paper,
        pairs=snakemake.params.pairs,
        seed=snakemake.params.seed,
        banner=snakemake.params.banner,
        **snakemake.output,
    )
