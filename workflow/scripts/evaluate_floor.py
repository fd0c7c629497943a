from pathlib import Path

from phasegen.steps.reconstruction_floors import evaluate_floor
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    evaluate_floor(
        images=Path(snakemake.input.images).parent,
        sampling=snakemake.params.sampling,
        seed=snakemake.params.seed,
        source=snakemake.wildcards.floor,
        chosen=snakemake.input.chosen or None,
        split=snakemake.params.split,
        **snakemake.output,
    )
