from pathlib import Path

from phasegen.steps.seam import step
from phasegen.steps.skull_strip_report import cases

with step(snakemake.log[0]):
    arms = snakemake.params.arms
    cases(
        images=Path(snakemake.input.images).parent,
        staple=snakemake.input.staple,
        slices=dict(zip(arms, snakemake.input.slices, strict=True)),
        predictions=dict(zip(arms, snakemake.input.predictions, strict=True)),
        figure=snakemake.output[0],
    )
