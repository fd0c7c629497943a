"""Whether the paired differences beside a table are those that are due, and are possible."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pandas as pd

from phasegen.metrics.intervals import FEWEST_SUBJECTS
from phasegen.report.reconstruction_rows import WHOLE
from phasegen.report.slice_results import Pairs
from phasegen.report.table_checks import Cell, Checks, Kind, check_interval

VERDICTS = {"above", "below", "no difference shown", "too few subjects"}


def check_comparisons(
    table: pd.DataFrame,
    kind: Kind,
    cells: Sequence[Cell],
    pairs: Pairs,
    metrics: Sequence[str],
    check: Checks,
) -> None:
    """Every pair whose sources were both run is there once for each metric, with its interval.

    Args:
        table: paired differences, see `phasegen.report.slice_results.judged`.
        metrics: those that are compared.

    Raises:
        UserError: a check failed; names file, row and column.
    """
    columns = [*kind.keys[:-1], "metric", "left", "right"]
    found = Counter(table[columns].itertuples(index=False, name=None))
    due = {
        (*group, metric, *pair)
        for group, sources in _sources(kind, cells).items()
        for metric in metrics
        for pair in pairs
        if set(pair) <= sources
    }
    for key in sorted(due | set(found), key=str):
        fault = f"is there {found[key]} times, {int(key in due)} is due"
        name = ", ".join(f"{column} {value}" for column, value in zip(columns, key, strict=True))
        check("comparisons", found[key] == (key in due), name, "left", fault)
    for number, row in enumerate(table.to_dict("records"), start=2):
        _check_difference(number, row, check)


def _check_difference(number: int, row: dict, check: Checks) -> None:
    """One line of the file, by its number there."""
    fine = row["verdict"] in VERDICTS
    check("verdicts", fine, number, "verdict", f"is {row['verdict']!r}, which is none")
    if row["subjects"] < FEWEST_SUBJECTS:
        return
    check_interval(row["difference"], row, "", number, check)
    check("p-values", 0 < row["p"] <= 1, number, "p", f"is {row['p']}, 0 to 1 is due")
    fault = f"is {row['p_holm']}, a number from p ({row['p']}) to 1 is due"
    check("p-values", row["p"] <= row["p_holm"] <= 1, number, "p_holm", fault)


def _sources(kind: Kind, cells: Sequence[Cell]) -> dict[tuple, set[str]]:
    """Sources that were run in each group of rows; floors and the whole of original join all."""
    found = defaultdict(set)
    for group, cell in _run(kind, cells):
        if cell["seeds"] and cell.get("share") != WHOLE:
            found[group].add(cell["source"])
    for group, sources in found.items():
        names = dict(zip(kind.keys, group, strict=False))
        for _, cell in _run(kind, cells):
            same_factor = cell.get("factor") == names.get("factor")
            if cell["seeds"] == 0 and same_factor:
                sources.add(cell["source"])
            elif cell.get("share") == WHOLE and same_factor and cell["model"] == names["model"]:
                sources.add("original")
    return found


def _run(kind: Kind, cells: Sequence[Cell]) -> Iterator[tuple[tuple, Cell]]:
    for cell in cells:
        if cell["seeds"] is not None:
            yield tuple(cell[column] for column in kind.keys[:-1]), cell
