"""``phasegen simulate``: subjects with known phase."""

import argparse
from pathlib import Path
from typing import get_args

from phasegen.cli.commands import Commands
from phasegen.settings import Contrast, Simulation, validate


def add(commands: Commands) -> None:
    parser = commands.add_parser("simulate", help="write simulated subjects: raw, magnitude, mask")
    default = Simulation()
    parser.set_defaults(run=run)
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--subjects", type=int, default=6, help="default: %(default)s")
    parser.add_argument(
        "--contrasts", nargs="+", choices=get_args(Contrast), default=default.contrasts
    )
    parser.add_argument(
        "--slices", type=int, default=default.slices, help="per volume, default: %(default)s"
    )
    parser.add_argument(
        "--matrix", type=int, default=default.matrix, help="[pixel], default: %(default)s"
    )
    parser.add_argument(
        "--snr", type=float, default=default.snr, help="in white matter, default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=2026, help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from phasegen.steps.simulate import simulate_subject

    changes = {name: getattr(options, name) for name in ("contrasts", "slices", "matrix", "snr")}
    groups = {"simulated": options.subjects}
    simulation = validate(changes | {"groups": groups}, Simulation)
    for subject in tqdm(simulation.subjects()["simulated"], desc="simulate", unit="subject"):
        simulate_subject(subject, options.folder, simulation, options.seed)
