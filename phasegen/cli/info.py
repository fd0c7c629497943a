"""``phasegen info``: what a store holds and what it came from."""

import argparse

from phasegen.cli.commands import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser("info", help="what a sealed store holds and what it came from")
    parser.set_defaults(run=run)
    parser.add_argument(
        "stores", nargs="+", metavar="STORE", help="a .zarr folder, or its URL s3://…"
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.info import describe

    for store in options.stores:
        facts = describe(store)
        width = max(map(len, facts))
        print(store)
        for name, value in facts.items():
            print(f"  {name:{width}}  {value}")
