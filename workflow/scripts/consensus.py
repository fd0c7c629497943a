from pathlib import Path

from phasegen.steps.raters import consensus
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    consensus(
        manifest=snakemake.input.manifest,
        masks=dict(zip(snakemake.params.raters, snakemake.input.masks, strict=True)),
        records=snakemake.input.records,
        truth=Path(snakemake.input.truth).parent if snakemake.input.truth else None,
        out=snakemake.output.masks,
        table=snakemake.output.table,
    )
