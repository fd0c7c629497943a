from pathlib import Path

from phasegen.steps.reconstruction import train_reconstruction
from phasegen.steps.seam import step

# With several devices the other processes read this file too, and must not run it.
if __name__ == "__main__":
    with step(snakemake.log[0]):
        params = dict(snakemake.params)
        stores = [Path(seal).parent for seal in snakemake.input.get("stores")]
        train_reconstruction(
            stores=dict(zip(params.pop("sources"), stores, strict=True)),
            phase_model=snakemake.input.phase_model or None,
            chosen=snakemake.input.get("chosen") or None,
            mix=snakemake.input.get("mix") or None,
            start=snakemake.input.get("start") or None,
            **params,
            **snakemake.output,
        )
