from pathlib import Path

from phasegen.paths import store_of
from phasegen.steps.seam import step
from phasegen.steps.synthesize import synthesize

with step(snakemake.log[0]):
    synthesize(
        magnitude=Path(snakemake.input.magnitude).parent,
        source=snakemake.wildcards.source,
        shard=int(snakemake.wildcards.shard),
        synthesis=snakemake.params.synthesis,
        seed=snakemake.params.seed,
        model=snakemake.input.model or None,
        store=store_of(snakemake.output.shard),
        record=snakemake.output.record,
        shards_per_job=snakemake.params.shards_per_job,
        code=snakemake.params.code,
    )
