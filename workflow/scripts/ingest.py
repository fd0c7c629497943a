from phasegen.steps.ingest import ingest
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    ingest(
        cohort=snakemake.params.cohort,
        manifest=snakemake.input.manifest,
        kind=snakemake.wildcards.array,
        shard=int(snakemake.wildcards.shard),
        store=snakemake.params.store,
        record=snakemake.output.record,
        settings=snakemake.params.ingest,
    )
