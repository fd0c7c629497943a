from pathlib import Path

from phasegen.steps.export import export
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    export(
        store=Path(snakemake.input[0]).parent,
        folder=Path(snakemake.output[0]).parent,
        name=snakemake.wildcards.format,
        # The folder is the workflow's own: an export of an older store makes room.
        replace=True,
    )
