from pathlib import Path

from phasegen.steps.mixed_split import mixed_split
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    params = dict(snakemake.params)
    del params["code"]
    mixed_split(
        original=Path(snakemake.input.original).parent,
        synthetic=Path(snakemake.input.synthetic).parent,
        share=float(snakemake.wildcards.share),
        number=int(snakemake.wildcards.number),
        table=snakemake.output[0],
        **params,
    )
