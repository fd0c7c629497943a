from phasegen.steps.appendix import table_a1
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    table_a1(
        used=snakemake.params.used,
        plans=dict(zip(snakemake.params.cohorts, snakemake.input.plans, strict=True)),
        weights=snakemake.input.weights or None,
        paper=snakemake.input.paper,
        banner=snakemake.params.banner,
        **snakemake.output,
    )
