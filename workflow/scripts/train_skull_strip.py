from pathlib import Path

from phasegen.steps.seam import step
from phasegen.steps.skull_strip import train_skull_strip

# With several devices the other processes read this file too, and must not run it.
if __name__ == "__main__":
    with step(snakemake.log[0]):
        train_skull_strip(
            store=Path(snakemake.input.store).parent,
            masks=Path(snakemake.input.masks).parent,
            phase_model=snakemake.input.phase_model or None,
            chosen=snakemake.input.get("chosen") or None,
            **snakemake.params,
            **snakemake.output,
        )
