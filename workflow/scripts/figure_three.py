from pathlib import Path

from phasegen.steps.phase_figures import figure_three
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    names = ("magnitude", "original", "kspace")
    stores = {name: Path(snakemake.input[name]).parent for name in names}
    figure_three(**stores, figure=snakemake.output[0])
