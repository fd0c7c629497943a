from phasegen.settings import Simulation
from phasegen.steps.figures import cohort_picture
from phasegen.steps.seam import step

with step(snakemake.log[0]):
    simulation = Simulation.model_validate(snakemake.params.simulation)
    cohort_picture(simulation, snakemake.params.subjects, snakemake.output[0])
