"""The command ``phasegen``: what is useful without the workflow."""

import argparse
import logging
import sys
from collections.abc import Sequence
from glob import escape
from pathlib import Path
from typing import get_args

from phasegen import __version__
from phasegen.errors import UserError
from phasegen.paths import SHIPPED_WEIGHTS
from phasegen.settings import (
    Cohort,
    Contrast,
    Device,
    Precision,
    SamplerName,
    Simulation,
    Synthesis,
    load,
    read_cohorts,
    validate,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 1 after an error that the user can mend."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "phasegen", description="Synthetic complex k-space from magnitude MRI"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_simulate(
        commands.add_parser("simulate", help="write simulated subjects: raw, magnitude, mask")
    )
    _add_sample(
        commands.add_parser(
            "sample",
            help="give a magnitude volume (NIfTI) a phase",
            description="Complex k-space for the magnitude volume of one NIfTI file, with the "
            "shipped phase model. A run that was cut short goes on if called again.",
        )
    )
    _add_check(
        commands.add_parser("check", help="check a configuration and the headers of its cohorts")
    )
    return parser


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    default = Simulation()
    parser.set_defaults(run=_simulate)
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


def _add_sample(parser: argparse.ArgumentParser) -> None:
    default = Synthesis()
    parser.set_defaults(run=_sample)
    parser.add_argument("file", help="magnitude, .nii or .nii.gz")
    parser.add_argument("-o", "--out", type=Path, required=True, help="store to write, .zarr")
    parser.add_argument(
        "--weights", type=Path, default=SHIPPED_WEIGHTS, help="another phase model (.safetensors)"
    )
    parser.add_argument(
        "--samples", type=int, default=1, help="phases of each slice, default: %(default)s"
    )
    parser.add_argument("--slices", default="", metavar="FROM:TO:STEP", help="default: all")
    parser.add_argument(
        "--turn", default="0", help="quarter turns [deg], where a header is wrong, default: 0"
    )
    for name, kind in {"steps": int, "batch": int, "threads": int}.items():
        text = Synthesis.model_fields[name].description
        value = getattr(default, name)
        parser.add_argument(f"--{name}", type=kind, default=value, help=f"{text}, default: {value}")
    for name, choices in {"sampler": SamplerName, "device": Device, "precision": Precision}.items():
        value = getattr(default, name)
        parser.add_argument(
            f"--{name}", choices=get_args(choices), default=value, help=f"default: {value}"
        )
    parser.add_argument("--seed", type=int, default=2026, help="default: %(default)s")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_check)
    parser.add_argument(
        "config", nargs="?", default="config/config.yaml", help="default: %(default)s"
    )


def _simulate(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from phasegen.steps.simulate import simulate_subject

    changes = {name: getattr(options, name) for name in ("contrasts", "slices", "matrix", "snr")}
    groups = {"simulated": options.subjects}
    simulation = validate(changes | {"groups": groups}, Simulation)
    for subject in tqdm(simulation.subjects()["simulated"], desc="simulate", unit="subject"):
        simulate_subject(subject, options.folder, simulation, options.seed)


def _sample(options: argparse.Namespace) -> None:
    from phasegen.steps.sample import sample_file

    keys = ("steps", "batch", "threads", "sampler", "device", "precision")
    synthesis = validate({key: getattr(options, key) for key in keys}, Synthesis)
    row = {"name": "input", "role": "magnitude", "reader": "nifti", "path": escape(options.file)}
    cohort = validate(row | {"slices": options.slices, "turn": options.turn}, Cohort)
    if options.samples < 1:
        raise UserError("--samples must be 1 or more")
    sample_file(cohort, options.weights, synthesis, options.samples, options.seed, options.out)
    print(f"{options.out}: complex k-space (slice, coil, ky, kx), index in index.parquet")


def _check(options: argparse.Namespace) -> None:
    from phasegen.sources.scan import scan

    faults = []
    for cohort in read_cohorts(load(options.config).cohorts).values():
        try:
            table = scan(cohort)
        except UserError as error:
            faults.append(str(error))
            continue
        print(f"{cohort.name}: {table['subject'].nunique()} subjects, {len(table)} slices")
    if faults:
        raise UserError("\n".join(faults))
