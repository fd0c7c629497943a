from pathlib import Path

from phasegen.steps.seal import seal_kspace
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    seal_kspace(
        store=Path(snakemake.output.seal).parent,
        magnitude=Path(snakemake.input.magnitude).parent,
        records=snakemake.input.records,
        model=snakemake.input.model or None,
        facts=snakemake.params.facts,
    )
