from phasegen.steps.seam import step
from phasegen.steps.tables import model_card

with step(snakemake.log[0]):
    model_card(
        weights=snakemake.input.weights,
        tables=dict(zip(snakemake.params.sizes, snakemake.input.tables, strict=True)),
        name=snakemake.params.model,
        card=snakemake.output[0],
    )
