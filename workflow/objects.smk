# The workflow with its results in a bucket (profiles/s3): the stores, and nothing else.
from snakemake.utils import min_version

min_version("9.27")


configfile: workflow.source_path("../config/config.yaml")


include: "rules/common.smk"
include: "rules/objects_checks.smk"


container: SETTINGS.container or None


include: "rules/simulate.smk"
include: "rules/retrieve.smk"
include: "rules/ingest.smk"
include: "rules/synthesize.smk"


rule all:
    default_target: True
    input:
        stores=expand(
            f"{KSPACE}/zarr.json", cohort=MAGNITUDE_COHORTS, source=SETTINGS.synthesis.sources
        ),
        ingested=sealed_arrays(MAGNITUDE_COHORTS),
        # Else a shard that was deleted after its store was sealed would go unnoticed.
        shards=all_shards,


for target in ELSEWHERE:

    rule:
        name: target
        message: "no target here"
        input:
            refused(target),
