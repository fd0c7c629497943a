"""``phasegen why``: what a number in a table came from."""

import argparse
from pathlib import Path

from phasegen.cli.commands import Commands
from phasegen.errors import UserError


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "why",
        help="what a number in a table came from, down to the raw files",
        description="Print the chain behind a cell of Table I, II, III or their companions: tables "
        "of slices, weights, sealed stores, manifests, raw files, each with what it says of itself. "
        "Every file is hashed again: exit status 1 if one has changed since, or is gone.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("table", type=Path, metavar="FILE", help="a table (CSV)")
    parser.add_argument(
        "--row",
        action="append",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="which row, by its columns or by its number (from 1); may be given several times",
    )
    parser.add_argument("--column", metavar="NAME", help="which column; without it the whole row")
    parser.add_argument("--all", action="store_true", help="list all raw files, not three a store")
    parser.add_argument(
        "--slices", action="store_true", help="read every slice of the stores too, as verify does"
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.why import why

    row = [text for texts in options.row for text in texts]
    answer = why(options.table, row, options.column, options.all, options.slices)
    print(*answer.lines, sep="\n")
    if answer.faults:
        raise UserError("\n".join(answer.faults))
