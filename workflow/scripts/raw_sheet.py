from pathlib import Path

from phasegen.steps.figures import raw_sheet
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    raw_sheet(Path(snakemake.input[0]).parent, snakemake.output[0])
