"""``phasegen verify``: is a store sound, to the last byte?"""

import argparse

from phasegen.cli.commands import Commands
from phasegen.errors import UserError


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "verify",
        help="recompute every checksum and every law of sealed stores",
        description="Recompute every checksum and every law of sealed stores (docs/format.md) "
        "and name what is wrong. Exit status 1 if anything is.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "stores", nargs="+", metavar="STORE", help="a .zarr folder, or its URL s3://…"
    )
    parser.add_argument(
        "--magnitude",
        metavar="STORE",
        help="the magnitude that k-space was made from, to compare with",
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.info import verdict
    from phasegen.steps.verify import verify

    faults = []
    for store in options.stores:
        found = verify(store, options.magnitude)
        faults += [f"{store}: {fault}" for fault in found]
        if not found:
            print(*verdict(store, compared=options.magnitude is not None), sep="\n")
    if faults:
        raise UserError("\n".join(faults))
