from phasegen.steps.raters import rate
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    rate(
        cohort=snakemake.params.cohort,
        manifest=snakemake.input.manifest,
        name=snakemake.wildcards.rater,
        rater=snakemake.params.rater,
        ingest=snakemake.params.ingest,
        masks=snakemake.output.masks,
        record=snakemake.output.record,
    )
