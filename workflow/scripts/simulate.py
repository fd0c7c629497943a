from pathlib import Path

from phasegen.settings import Simulation
from phasegen.steps.seam import step
from phasegen.steps.simulate import simulate_subject

with step(snakemake.log[0]):
    simulation = Simulation.model_validate(snakemake.params.simulation)
    simulate_subject(
        snakemake.wildcards.subject, Path(simulation.folder), simulation, snakemake.params.seed
    )
