from pathlib import Path

from phasegen.steps.reconstruction_floors import choose_weight
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    params = dict(snakemake.params)
    del params["code"]
    choose_weight(store=Path(snakemake.input[0]).parent, chosen=snakemake.output[0], **params)
