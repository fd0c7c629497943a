"""``phasegen show``: a contact sheet of a store."""

import argparse
from pathlib import Path

from phasegen.cli.commands import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "show",
        help="contact sheet of a sealed store",
        description="Contact sheet of some slices of a sealed store: magnitude, phase and k-space "
        "as far as it has them, of the first coil.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("store", metavar="STORE", help="a .zarr folder, or its URL s3://…")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        help="picture to write, .png or .svg; default: the name of the store + .png, here",
    )
    parser.add_argument("--slices", type=int, default=8, help="at most, default: %(default)s")
    parser.add_argument(
        "--magnitude",
        metavar="STORE",
        help="a magnitude store of the same slices, shown beside k-space or a mask",
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.show import show

    out = options.out or Path(f"{Path(options.store).resolve().name}.png")
    show(options.store, out, options.slices, options.magnitude)
    print(out)
