from phasegen.settings import DataFile, Datasets
from phasegen.steps.retrieve import retrieve
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    retrieve(
        [DataFile.model_validate(facts) for facts in snakemake.params.files],
        Datasets.model_validate(snakemake.params.datasets),
    )
