from phasegen.steps.seam import step
from phasegen.steps.verify_tables import verify_table

with step(snakemake.log[0]):
    verify_table(
        name=snakemake.wildcards.table,
        table=snakemake.input.table,
        comparisons=snakemake.input.comparisons,
        companions=snakemake.input.companions,
        slices=snakemake.input.slices,
        cells=snakemake.params.cells,
        pairs=snakemake.params.pairs,
        checks=snakemake.output[0],
    )
