from pathlib import Path

from phasegen.steps.reconstruction_floors import reconstruct_cohort
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    reconstruct_cohort(
        images=Path(snakemake.input.images).parent,
        sampling=snakemake.params.sampling,
        seed=snakemake.params.seed,
        source=snakemake.wildcards.shown,
        weights=snakemake.input.weights or None,
        chosen=snakemake.input.chosen or None,
        split=snakemake.params.split,
        out=snakemake.output[0],
    )
