"""Rule ``verify_table``: a table of results against the configuration and its slices."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from phasegen.paths import whole_file
from phasegen.provenance import file_digest
from phasegen.record.traced_table import read_traced
from phasegen.report import reconstruction_rows as rebuilt
from phasegen.report import skull_strip_table as stripped
from phasegen.report.companion_checks import check_estimates
from phasegen.report.comparison_checks import check_comparisons
from phasegen.report.reconstruction_table import MIX_PAIRS
from phasegen.report.slice_results import Pairs
from phasegen.report.table_checks import (
    KINDS,
    Cell,
    Checks,
    check_cells,
    check_numbers,
    check_range,
)
from phasegen.steps import reconstruction_report, skull_strip_report
from phasegen.steps.table_file import join_slices, read_slices, read_table

COLUMNS = {
    "table1": skull_strip_report.COLUMNS,
    "table2": reconstruction_report.COLUMNS,
    "table3": reconstruction_report.COLUMNS,
}
COMPARED = {"table1": stripped.COMPARED, "table2": rebuilt.COMPARED, "table3": rebuilt.COMPARED}
# As they stand in per-slice tables, by their names in the tables of the paper.
SLICE_METRICS = {
    **{name: name for name in (*stripped.METRICS, *rebuilt.METRICS, *rebuilt.OFFICIAL)},
    "dsc_percent": "dice",
    "ssim_percent": "ssim",
    "fastmri_ssim_percent": "fastmri_ssim",
}


def verify_table(
    name: str,
    table: str | Path,
    comparisons: str | Path,
    companions: Sequence[str | Path],
    slices: Sequence[str | Path],
    cells: Sequence[Cell],
    pairs: Pairs,
    checks: str | Path,
) -> None:
    """Check Table I, II or III and write how many checks of each kind it has passed (JSON).

    Args:
        name: table1, table2 or table3.
        table: CSV.
        comparisons: its paired differences (CSV).
        companions: what else was made of the same slices, by contrast or by added phase (CSV).
        slices: the per-slice tables (Parquet) that it was made of.
        cells: rows that are due, see `phasegen.report.table_checks`; those of Table I are due for
            every other truth too that the slices have.
        pairs: sources that are compared, left minus right; of Table III always the same.

    Raises:
        UserError: a check failed; names file, row and column.
    """
    kind, passed = KINDS[name], Counter()
    for path in slices:
        _check_slices(path, name, Checks(path, passed))
    rows = kind.shown(join_slices(slices, COLUMNS[name]))
    due = _of_every_truth(cells, rows) if name == "table1" else cells
    found, check = read_table(table), Checks(table, passed)
    check_cells(found, kind, due, check)
    check_numbers(found, kind, due, rows, check)
    chosen = MIX_PAIRS if name == "table3" else pairs
    check = Checks(comparisons, passed)
    check_comparisons(read_table(comparisons), kind, due, chosen, COMPARED[name], check)
    for path in companions:
        check_estimates(read_table(path), Checks(path, passed))
    for path in (table, comparisons, *companions):
        _check_record(path, slices, Checks(path, passed))
    with whole_file(checks) as partial:
        report = {"table": str(table), "rows": len(found), "passed": dict(sorted(passed.items()))}
        partial.write_text(json.dumps(report, indent=2) + "\n")


def _check_slices(path: str | Path, name: str, check: Checks) -> None:
    """Every number of a per-slice table is one that its metric may have; NaN says nothing."""
    rows = read_slices(path, COLUMNS[name])
    for metric in KINDS[name].metrics:
        column = SLICE_METRICS[metric]
        scale = 1 if column == metric else 100
        known = rows[column].dropna()
        for number in {known.idxmin(), known.idxmax()} if len(known) else ():
            check_range(scale * known[number], metric, number, column, check)


def _check_record(table: str | Path, slices: Sequence[str | Path], check: Checks) -> None:
    """The file is the one that was recorded, and each row names per-slice tables that are there."""
    traced = read_traced(table)
    fault = "is another file than the one that its record tells of"
    check("records", not traced.has_changed, "all", "all", fault)
    # By content: the results may have been moved since.
    known = {file_digest(path) for path in slices}
    for number, row in traced.rows.iterrows():
        files = traced.files(number, "source" if "source" in traced.rows else "left")
        is_known = set(files.values()) <= known
        due = row.get("note", "") != rebuilt.NOT_RUN
        fault = f"is from {len(files)} files, or from others than its per-slice tables"
        check("records", is_known and bool(files) == due, number + 2, "all", fault)


def _of_every_truth(cells: Sequence[Mapping], rows: pd.DataFrame) -> list[Cell]:
    """The same cells for every truth that any slice has, and for the one that is due."""
    truths = sorted({*rows["truth"], *(cell["truth"] for cell in cells)})
    return [cell | {"truth": truth} for cell in cells for truth in truths]
