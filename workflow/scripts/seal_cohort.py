from pathlib import Path

from phasegen.steps.seal import seal_cohort
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    seal_cohort(
        store=Path(snakemake.output.seal).parent,
        kind=snakemake.wildcards.array,
        manifest=snakemake.input.manifest,
        records=snakemake.input.records,
        facts=snakemake.params.facts,
        settings=snakemake.params.ingest,
    )
