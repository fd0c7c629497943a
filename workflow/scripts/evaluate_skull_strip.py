from pathlib import Path

from phasegen.steps.seam import step
from phasegen.steps.skull_strip_evaluation import evaluate_skull_strip

with step(snakemake.log[0]):
    evaluate_skull_strip(
        weights=snakemake.input.weights,
        images=Path(snakemake.input.images).parent,
        consensus=snakemake.input.consensus,
        true_masks=Path(snakemake.input.truth).parent if snakemake.input.truth else None,
        sweep=snakemake.params.sweep,
        source=snakemake.wildcards.arm,
        number=int(snakemake.wildcards.number),
        **snakemake.output,
    )
