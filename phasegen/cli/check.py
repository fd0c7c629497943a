"""``phasegen check``: a look at the configuration and at all headers."""

import argparse
from glob import glob

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.settings import Cohort, Settings, check_sizes, load, read_cohorts


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

    settings = load(options.config)
    cohorts = read_cohorts(settings.cohorts)
    check_sizes(settings, cohorts)
    faults = []
    for cohort in cohorts.values():
        if _is_to_be_simulated(cohort, settings):
            print(f"{cohort.name}: not simulated yet")
            continue
        try:
            table = scan(cohort)
        except UserError as error:
            faults.append(str(error))
            continue
        print(f"{cohort.name}: {table['subject'].nunique()} subjects, {len(table)} slices")
    if faults:
        raise UserError("\n".join(faults))


def _is_to_be_simulated(cohort: Cohort, settings: Settings) -> bool:
    """Whether a run makes the files of a cohort itself, and has not yet."""
    is_own = cohort.path.startswith(f"{settings.simulation.folder}/")
    # Path.glob takes no absolute patterns.
    return is_own and not glob(cohort.path, recursive=True)  # noqa: PTH207
