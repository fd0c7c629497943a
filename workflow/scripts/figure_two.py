from pathlib import Path

from phasegen.steps.phase_figures import figure_two
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    original = snakemake.input.get("original")
    figure_two(
        magnitude=Path(snakemake.input.magnitude).parent,
        original=Path(original).parent if original else None,
        model=snakemake.input.model,
        synthesis=snakemake.params.synthesis,
        seed=snakemake.params.seed,
        figure=snakemake.output[0],
    )
