"""What a run would do and cost: jobs, GPU hours and disk, by rule.

    python workflow/plan.py --configfile config/paper.yaml -- paper

Nothing is run. The jobs are those of Snakemake's own dry run, which all arguments are handed on
to. Of cohorts whose files are not there yet the number of slices is taken from the key `planned`
of the configuration. GPU hours are an estimate, see `phasegen.steps.costs`.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from snakemake import cli  # noqa: E402
from snakemake import logging as snakemake_logging  # noqa: E402
from snakemake.common.configfile import load_configfile  # noqa: E402
from snakemake.settings.types import ConfigSettings  # noqa: E402
from snakemake.utils import update_config  # noqa: E402

from phasegen.errors import UserError  # noqa: E402
from phasegen.settings import Cohort, ConfigError, Settings, read_cohorts, validate  # noqa: E402
from phasegen.steps.costs import Costs  # noqa: E402

HOUR, GIB = 3600, 2**30


class Jobs(logging.Filter):
    """Collects the jobs that Snakemake tells of, and lets nothing through but warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the rule and the wildcards of a job."""
        if getattr(record, "event", None) == snakemake_logging.LogEvent.JOB_INFO:
            self.found.append((record.rule_name, dict(record.wildcards)))
        return record.levelno >= logging.WARNING


def jobs_of(arguments: list[str]) -> list[tuple[str, dict[str, str]]]:
    """Rule and wildcards of each job of a dry run.

    Raises:
        SystemExit: Snakemake has refused, and said why.
    """
    jobs = Jobs()
    # A filter, for Snakemake takes away all handlers that it finds.
    snakemake_logging.logger.addFilter(jobs)
    try:
        cli.main(["--dry-run", *arguments])
    except SystemExit as end:
        if end.code:
            raise
    return jobs.found


def settings_of(arguments: list[str]) -> dict:
    """The configuration as Snakemake puts it together."""
    _, options = cli.parse_args(arguments)
    given = ConfigSettings(
        config=cli.parse_config(options.config), configfiles=options.configfile or []
    )
    config = load_configfile(ROOT / "config" / "config.yaml")
    update_config(config, given.overwrite_config)
    return config


def slices_of(settings: Settings, cohorts: Mapping[str, Cohort]) -> dict[str, int]:
    """Slices of each cohort: counted, or said."""
    found = dict(settings.planned)
    for name in cohorts:
        counted = Path(settings.results) / "cohorts" / name / "plan.json"
        if counted.exists():
            found[name] = json.loads(counted.read_text())["slices"]
    return found


def refuse_unknown(jobs: list[tuple[str, dict[str, str]]], slices: Mapping[str, int]) -> None:
    """Refuse a cohort of which nobody can say yet how many jobs will follow from its scan.

    Raises:
        UserError: there is one.
    """
    for rule, wildcards in jobs:
        if rule == "scan" and wildcards["cohort"] not in slices:
            raise UserError(
                f"the number of slices of the cohort {wildcards['cohort']!r} is not known yet; "
                f"say it in the configuration, as planned: {{{wildcards['cohort']}: 1000}}"
            )


def table(jobs: list[tuple[str, dict[str, str]]], costs: Costs) -> pd.DataFrame:
    """Jobs, GPU hours and GiB by rule, and in all."""
    rows = []
    for rule, wildcards in jobs:
        cost = costs.of(rule, wildcards)
        rows.append((rule, 1, cost.gpu_seconds / HOUR, cost.written / GIB))
    found = pd.DataFrame(rows, columns=["rule", "jobs", "GPU hours", "GiB in stores"])
    by_rule = found.groupby("rule", as_index=False).sum()
    by_rule = by_rule.sort_values(["GPU hours", "jobs"], ascending=False)
    everything = by_rule.drop(columns="rule").sum().to_dict() | {"rule": "in all"}
    return pd.concat([by_rule, pd.DataFrame([everything])], ignore_index=True)


def main(arguments: list[str]) -> int:
    """Exit status."""
    started = time.monotonic()
    try:
        settings = validate(settings_of(arguments))
        cohorts = read_cohorts(settings.cohorts)
        slices = slices_of(settings, cohorts)
        jobs = jobs_of(arguments)
        refuse_unknown(jobs, slices)
        found = table(jobs, Costs(settings, cohorts, slices))
    except (ConfigError, UserError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    shown = found.astype({"jobs": int, "GPU hours": float, "GiB in stores": float})
    print(
        shown.to_string(index=False, float_format=lambda value: f"{value:,.1f}" if value else "-")
    )
    print(f"planned in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
