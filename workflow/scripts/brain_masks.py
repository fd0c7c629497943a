from pathlib import Path

from phasegen.steps.seam import step
from phasegen.steps.skull_strip_report import overlays

with step(snakemake.log[0]):
    overlays(
        images=Path(snakemake.input.images).parent,
        masks=dict(zip(snakemake.params.raters, snakemake.input.masks, strict=True)),
        staple=snakemake.input.staple,
        note=snakemake.params.note,
        figure=snakemake.output[0],
    )
