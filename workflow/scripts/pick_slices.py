from pathlib import Path

from phasegen.steps.quality import pick_slices
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    pick_slices(
        stores=[Path(seal).parent for seal in snakemake.input],
        count=snakemake.params.slices,
        size=snakemake.params.size,
        seed=snakemake.params.seed,
        out=snakemake.output[0],
    )
