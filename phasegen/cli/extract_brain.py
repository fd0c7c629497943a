"""``phasegen extract-brain``: the brain mask of one volume, by a built-in method."""

import argparse
from pathlib import Path

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.raters.registry import METHODS


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "extract-brain",
        help="write the brain mask of a magnitude volume, by a method without weights",
        description="Brain mask of a NIfTI volume of axial slices, on its own grid. "
        "median_otsu, atlas and watershed are for 20 slices or more, the others for any stack. "
        "No method is as good as a trained one: look at the mask, or combine several.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("volume", type=Path, help="magnitude, .nii or .nii.gz")
    parser.add_argument("mask", type=Path, help="NIfTI file to write, .nii or .nii.gz")


def run(options: argparse.Namespace) -> None:
    if not options.mask.name.lower().endswith((".nii", ".nii.gz")):
        raise UserError(f"{options.mask}: the name does not end in .nii or .nii.gz")
    if options.mask.resolve() == options.volume.resolve():
        raise UserError(f"{options.mask}: is the volume itself; name another file")
    from phasegen.raters.files import extract_file

    pixels = extract_file(options.method, options.volume, options.mask)
    print(f"{options.mask}: {pixels} voxels of brain")
