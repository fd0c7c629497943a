"""Rule ``scan``: the headers of a cohort in, its manifest and plan out."""

import json
import logging
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.settings import Cohort
from phasegen.sources.scan import plan, scan
from phasegen.store.shards import write_table


def scan_cohort(cohort: dict, coils: str, manifest: str | Path, plan_file: str | Path) -> None:
    """Write the manifest (one row per slice) and the few numbers that decide which jobs there are.

    Raises:
        BadCohort: every file of the cohort that cannot be used, with the reason.
        UserError: files of different numbers of coils, where ``coils`` is "kept".
    """
    row = Cohort.model_validate(cohort)
    table = scan(row)
    numbers = plan(row, table)
    if coils == "kept" and table["coils"].nunique() > 1:
        raise UserError(
            f"cohort {row.name!r} has files of {_listed(table['coils'])} coils, which one array "
            "cannot hold; set ingest.coils to combined, or make a cohort of each"
        )
    logging.info(
        "%(cohort)s: %(subjects)d subjects, %(volumes)d volumes, %(slices)d slices", numbers
    )
    write_table(manifest, table)
    with whole_file(plan_file) as partial:
        partial.write_text(json.dumps(numbers, indent=2) + "\n")


def _listed(values: pd.Series) -> str:
    return ", ".join(str(value) for value in sorted(values.unique()))
