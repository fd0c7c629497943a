"""``phasegen compare``: whether a run came to the same as tables that were kept."""

import argparse
from pathlib import Path

from phasegen.cli.commands import Commands
from phasegen.errors import UserError


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "compare",
        help="whether a run's tables agree with others, such as those of docs/evidence",
        description="Compare each estimate of a run with the one of the same row and column in "
        "tables that were kept. The tolerance is half the width of the 95 %% interval of what was "
        "kept, over subjects and seeds: on another processor sums are rounded otherwise, and "
        "trainings end elsewhere. Exit status 1 if an estimate is beyond it.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("found", type=Path, metavar="FOLDER", help="tables of the run (CSV)")
    parser.add_argument("kept", type=Path, metavar="KEPT", help="tables that it should come to")


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.compare import compare, told

    tables = compare(options.found, options.kept)
    for table in tables:
        print(table.line())
    beyond = [
        f"{table.name}: {told(estimate)}"
        for table in tables
        for _, estimate in table.beyond.iterrows()
    ]
    if beyond:
        raise UserError("\n".join(beyond))
    print("within tolerance: half the width of the 95 % interval of what was kept")
