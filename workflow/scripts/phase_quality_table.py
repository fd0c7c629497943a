from phasegen.steps.quality import phase_quality
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    phase_quality(
        slices=snakemake.input.slices,
        trials=dict(zip(snakemake.params.sources, snakemake.input.trials, strict=True)),
        compared=snakemake.input.compared,
        repeats=dict(zip(snakemake.params.sources, snakemake.input.repeats, strict=True)),
        seed=snakemake.params.seed,
        **snakemake.output,
    )
