"""``phasegen quantise``: a store in a quarter of its size, to within its noise."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from phasegen.cli.commands import Commands
from phasegen.errors import UserError

if TYPE_CHECKING:
    from phasegen.store.places import ObjectPath


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "quantise",
        help="write a store of k-space or images as int16, in steps of its noise",
        description="Complex values rounded to int16, the step of each slice a fraction of its "
        "noise level, and compressed. The index says for every slice how large the error is. "
        "A run that was cut short goes on if called again.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("store", help="sealed store of k-space or images, or its URL s3://…")
    parser.add_argument("-o", "--out", type=Path, required=True, help="store to write, .zarr")
    parser.add_argument(
        "--step", type=float, default=0.5, help="over the noise level, default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.quantise import quantise_store
    from phasegen.store.places import place

    try:
        index = quantise_store(options.store, options.out, options.step)
    except FileNotFoundError as error:
        raise UserError(str(error)) from None
    sizes = [_size(place(store) / "c") for store in (options.store, options.out)]
    error, psnr = index["quantisation_error"].max(), index["magnitude_psnr"].min()
    print(
        f"{options.out}: {len(index)} slices in {sizes[1] / 1e6:.1f} MB, 1/{sizes[0] / sizes[1]:.1f} "
        f"of {options.store}; error at most {error:.1e} of a slice's maximum, PSNR of the "
        f"magnitude at least {psnr:.1f} dB"
    )
    if grown := int(index["step_grown"].sum()):
        print(f"{grown} slices needed a larger step than {options.step} times their noise")


def _size(shards: "Path | ObjectPath") -> int:
    """Bytes of all shards."""
    return sum(file.stat().st_size for file in shards.rglob("*") if file.is_file())
