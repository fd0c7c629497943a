"""``phasegen check``: a look at the configuration and at all headers."""

import argparse

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.settings import load, read_cohorts


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "check", help="check a configuration and the headers of its cohorts"
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "config", nargs="?", default="config/config.yaml", help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
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
