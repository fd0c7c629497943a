from phasegen.paths import store_of
from phasegen.steps.ingest import ingest
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    ingest(
        cohort=snakemake.params.cohort,
        manifest=snakemake.input.manifest,
        kind=snakemake.wildcards.array,
        shard=int(snakemake.wildcards.shard),
        store=store_of(snakemake.output.shard),
        record=snakemake.output.record,
        shards_per_job=snakemake.params.shards_per_job,
        code=snakemake.params.code,
        settings=snakemake.params.ingest,
    )
