"""Whether what stands beside a table of the paper is possible: by contrast, by added phase."""

import re
from collections.abc import Mapping

import pandas as pd

from phasegen.metrics.intervals import FEWEST_SUBJECTS
from phasegen.report.table_checks import Checks, check_interval, check_range

LEFT_OUT = ("empty_slices", "blank_slices")
"""Columns that count results that are none, of all seeds."""


def check_estimates(table: pd.DataFrame, check: Checks) -> None:
    """Every mean is one that its metric may have, and its interval holds it.

    Args:
        table: with columns ``M_slice_mean``, ``M_subject_mean``, ``M_low`` and ``M_high`` of each
            metric M, see `phasegen.report.slice_results`.

    Raises:
        UserError: a check failed; names file, row and column.
    """
    metrics = re.findall(r"^(\w+)_slice_mean$", "\n".join(table), re.MULTILINE)
    check(
        "companions",
        bool(len(table)) and bool(metrics),
        "-",
        "_slice_mean",
        "there is nothing in it",
    )
    # Line 1 of the file is the header.
    for number, row in enumerate(table.to_dict("records"), start=2):
        for metric in metrics if _has_results(row) else ():
            for part in ("slice_mean", "subject_mean"):
                check_range(row[f"{metric}_{part}"], metric, number, f"{metric}_{part}", check)
            if row["subjects"] >= FEWEST_SUBJECTS:
                check_interval(row[f"{metric}_subject_mean"], row, f"{metric}_", number, check)


def _has_results(row: Mapping) -> bool:
    left_out = sum(row[column] for column in LEFT_OUT if column in row)
    return row["slices"] * max(row["seeds"], 1) > left_out
