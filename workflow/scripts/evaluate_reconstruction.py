from pathlib import Path

from phasegen.steps.reconstruction_evaluation import evaluate_reconstruction
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    wildcards = snakemake.wildcards
    own = {"model": wildcards.model, "seed": int(wildcards.number)}
    evaluate_reconstruction(
        weights=snakemake.input.weights,
        images=Path(snakemake.input.images).parent,
        sampling=snakemake.params.sampling,
        seed=snakemake.params.seed,
        names=snakemake.params.names | own,
        split=snakemake.params.split,
        **snakemake.output,
    )
