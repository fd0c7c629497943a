"""Rule ``scan``: the headers of a cohort in, its manifest and plan out."""

import json
import logging
from pathlib import Path

from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.settings import Cohort
from phasegen.sources.scan import plan, scan
from phasegen.store.shards import write_table


def scan_cohort(cohort: dict, manifest: str | Path, plan_file: str | Path) -> None:
    """Write the manifest (one row per slice) and the few numbers that decide which jobs there are.

    Raises:
        BadCohort: every file of the cohort that cannot be used, with the reason.
        UserError: data of more than one coil.
    """
    row = Cohort.model_validate(cohort)
    table = scan(row)
    numbers = plan(row, table)
    if numbers["coils"] > 1:
        reason = (
            f"has {numbers['coils']} coils; combine them first, multi-coil data are not read yet"
        )
        raise UserError(f"cohort {row.name!r} {reason}")
    logging.info(
        "%(cohort)s: %(subjects)d subjects, %(volumes)d volumes, %(slices)d slices", numbers
    )
    write_table(manifest, table)
    with whole_file(plan_file) as partial:
        partial.write_text(json.dumps(numbers, indent=2) + "\n")
