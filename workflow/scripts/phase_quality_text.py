from phasegen.steps.seam import step
from phasegen.steps.tables import phase_quality_text

with step(snakemake.log[0]):
    phase_quality_text(
        table=snakemake.input[0],
        size=int(snakemake.wildcards.size),
        banner=snakemake.params.banner,
        **snakemake.output,
    )
