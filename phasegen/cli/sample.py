"""``phasegen sample``: one magnitude file gets a phase."""

import argparse
from glob import escape
from pathlib import Path
from typing import get_args

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.paths import SHIPPED_WEIGHTS
from phasegen.settings import Cohort, Device, Precision, SamplerName, Synthesis, validate


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "sample",
        help="give a magnitude volume (NIfTI) a phase",
        description="Complex k-space for the magnitude volume of one NIfTI file, with the "
        "shipped phase model. A run that was cut short goes on if called again.",
    )
    default = Synthesis()
    parser.set_defaults(run=run)
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


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.sample import sample_file

    keys = ("steps", "batch", "threads", "sampler", "device", "precision")
    synthesis = validate({key: getattr(options, key) for key in keys}, Synthesis)
    row = {"name": "input", "role": "magnitude", "reader": "nifti", "path": escape(options.file)}
    cohort = validate(row | {"slices": options.slices, "turn": options.turn}, Cohort)
    if options.samples < 1:
        raise UserError("--samples must be 1 or more")
    sample_file(cohort, options.weights, synthesis, options.samples, options.seed, options.out)
    print(f"{options.out}: complex k-space (slice, coil, ky, kx), index in index.parquet")
