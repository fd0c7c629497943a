from pathlib import Path

from phasegen.steps.seam import step
from phasegen.steps.train_phase import train_phase

# With several devices the other processes read this file too, and must not run it.
if __name__ == "__main__":
    with step(snakemake.log[0]):
        train_phase(
            stores=[Path(seal).parent for seal in snakemake.input.images],
            model=snakemake.params.model,
            seed=snakemake.params.seed,
            code=snakemake.params.code,
            checkpoints=snakemake.params.checkpoints,
            **snakemake.output,
        )
