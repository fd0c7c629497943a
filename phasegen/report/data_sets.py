"""Table A1 of the paper: the data sets that were used."""

from collections.abc import Mapping, Sequence

import pandas as pd

from phasegen.report.grid import NONE, PAPER, Section, section_of

FACTS = ("source", "role", "field", "subjects", "volumes", "slices")
PRINTED = {
    "source": "Source",
    "role": "Type",
    "field": "Magnetic Field",
    "slices": "Size",
}
"""Column of the paper beside one of ours."""

NOTE = (
    "Subjects, volumes and slices are those of the manifest of each cohort, before any split. Field: where "
    f"it is set here. Columns {PAPER}: Table A1 of the paper, which had other data."
)


def data_set_rows(used: Sequence[Mapping[str, object]], paper: pd.DataFrame) -> pd.DataFrame:
    """One row for each use and cohort, the paper's uses first, also those without a cohort here.

    Args:
        used: ``use``, ``cohort``, ``reader``, ``licence`` and `FACTS` of each, empty where there is
            nothing to say.
        paper: Table A1 of `resources/paper_appendix.csv`.

    Returns:
        The same, and ``paper_source``, ``paper_role``, ``paper_field`` and ``paper_slices``.
    """
    printed = paper.set_index(["row", "column"])["value"]
    uses = list(dict.fromkeys([*paper["row"], *(row["use"] for row in used)]))
    blank = dict.fromkeys(("cohort", "reader", *FACTS, "licence"), "")
    rows = []
    for use in uses:
        beside = {f"paper_{own}": printed.get((use, name), "") for own, name in PRINTED.items()}
        own = [row for row in used if row["use"] == use] or [{}]
        rows += [{"use": use} | blank | dict(row) | beside for row in own]
    return pd.DataFrame(rows).astype(str)


def data_set_section(table: pd.DataFrame) -> Section:
    """Table A1, the paper's columns beside ours.

    Args:
        table: as from `data_set_rows`.
    """
    columns = [("use", list(table["use"]))]
    for name in ("cohort", *FACTS[:2], "reader", *FACTS[2:], "licence"):
        columns.append((name, _filled(table[name])))
        if name in PRINTED:
            columns.append((PAPER, _filled(table[f"paper_{name}"])))
    return section_of("Data sets", columns, NOTE)


def _filled(cells: pd.Series) -> list[str]:
    return [cell or NONE for cell in cells]
