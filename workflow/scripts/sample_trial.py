from phasegen.steps.quality import sample_trial
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    sample_trial(
        slices=snakemake.input.slices,
        source=snakemake.params.source,
        synthesis=snakemake.params.synthesis,
        samples=snakemake.params.samples,
        seed=snakemake.params.seed,
        model=snakemake.input.model or None,
        out=snakemake.output[0],
    )
