"""``phasegen status``: how far a run is."""

import argparse
from pathlib import Path

from phasegen.cli.commands import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "status",
        help="how far a run is: shards, slices per second, time left, what runs, what failed",
        description="Tell how far the stores below a folder of results are, what the last run there "
        "does, and what failed in it. Only reads, so it may be called while a run is at work.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "results", nargs="?", type=Path, default=Path("results"), help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.record.status import status

    print(*status(options.results), sep="\n")
