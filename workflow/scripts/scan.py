from phasegen.steps.scan import scan_cohort
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    scan_cohort(
        snakemake.params.cohort,
        snakemake.params.coils,
        snakemake.output.manifest,
        snakemake.output.plan,
    )
