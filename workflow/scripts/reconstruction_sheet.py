from phasegen.steps.reconstruction_report import sheet
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    names = snakemake.params.names
    target, *images = snakemake.input.images
    sheet(
        targets=target,
        reconstructions=dict(zip(names, images, strict=True)),
        slices=dict(zip(names, snakemake.input.slices, strict=True)),
        figure=snakemake.output[0],
    )
