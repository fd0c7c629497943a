from pathlib import Path

from phasegen.settings import Simulation
from phasegen.steps.seam import step
from phasegen.steps.simulate import simulate_subjects

with step(snakemake.log[0]):
    simulation = Simulation.model_validate(snakemake.params.simulation)
    simulate_subjects(
        snakemake.params.subjects, Path(simulation.folder), simulation, snakemake.params.seed
    )
