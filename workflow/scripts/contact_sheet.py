from pathlib import Path

from phasegen.steps.figures import contact_sheet
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    kspace = [Path(seal).parent for seal in snakemake.input.kspace]
    contact_sheet(
        magnitude=Path(snakemake.input.magnitude).parent,
        kspace=dict(zip(snakemake.params.sources, kspace, strict=True)),
        figure=snakemake.output[0],
    )
