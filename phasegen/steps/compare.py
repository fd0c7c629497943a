"""The command ``phasegen compare``: whether a run came to the same as tables that were kept."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from phasegen.errors import UserError

KEYS = (
    "cohort",
    "truth",
    "model",
    "factor",
    "share",
    "knob",
    "level",
    "contrast",
    "subject",
    "metric",
    "left",
    "right",
    "source",
)
"""Columns that say what a row is of, in tables of whatever kind."""

ROUNDING = 1e-9
"""Of a value, where its interval has no width."""


class Agreement(NamedTuple):
    """A table of a run beside the one that was kept."""

    name: str
    estimates: pd.DataFrame
    """A row per estimate: ``row``, ``what``, ``found``, ``kept``, ``tolerance``, ``part``.

    ``tolerance`` is half the width of the 95 % interval of what was kept, ``part`` the
    difference as a part of it."""

    @property
    def beyond(self) -> pd.DataFrame:
        """Estimates that differ by more than their tolerance, or are gone."""
        return self.estimates[~(self.estimates["part"] <= 1)]

    def line(self) -> str:
        """What a person wants to know of it."""
        largest = self.estimates.loc[self.estimates["part"].fillna(float("inf")).idxmax()]
        said = f"{self.name}: {len(self.estimates)} estimates"
        if not largest["part"]:
            return f"{said}, all the same"
        return f"{said}, {len(self.beyond)} beyond tolerance; farthest {told(largest)}"


def told(estimate: pd.Series) -> str:
    """One estimate in words."""
    return (
        f"{estimate['what']} of {estimate['row']}: {estimate['found']:.4g}, kept "
        f"{estimate['kept']:.4g} ± {estimate['tolerance']:.2g}"
    )


def compare(found: str | Path, kept: str | Path) -> list[Agreement]:
    """Every table of ``kept`` that has intervals, beside the one of that name in ``found``.

    Args:
        found: folder with tables of a run (CSV).
        kept: folder with those that it should come to.

    Raises:
        UserError: a table is in ``kept`` alone, or ``kept`` has none with intervals.
    """
    with_intervals = {
        file: estimates
        for file in sorted(Path(kept).glob("*.csv"))
        if not (estimates := _estimates(file)).empty
    }
    if not with_intervals:
        raise UserError(f"{kept}: no table (CSV) with intervals")
    missing = [file.name for file in with_intervals if not Path(found, file.name).is_file()]
    if missing:
        raise UserError(f"{found}: lacks {', '.join(missing)}, which {kept} has")
    return [
        Agreement(file.stem, _beside(_estimates(Path(found, file.name)), estimates))
        for file, estimates in with_intervals.items()
    ]


def _estimates(file: Path) -> pd.DataFrame:
    """``value``, ``low`` and ``high``, by row and by what it is of; those with an interval."""
    table = pd.read_csv(file)
    keys = table[[key for key in KEYS if key in table]]
    names = [
        " ".join(f"{key}={value}" for key, value in row.items() if pd.notna(value))
        for row in keys.to_dict("records")
    ]
    columns = {}
    if {"difference", "low", "high"} <= set(table):
        columns["difference"] = ("difference", "low", "high")
    for column in table:
        stem = column.removesuffix("_low")
        if column != stem and f"{stem}_subject_mean" in table:
            columns[stem] = (f"{stem}_subject_mean", column, f"{stem}_high")
    parts = [
        table[list(three)].set_axis(["value", "low", "high"], axis=1).assign(row=names, what=what)
        for what, three in columns.items()
    ]
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts).dropna().set_index(["row", "what"])


def _beside(found: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    values = found["value"].reindex(kept.index) if len(found) else kept["value"] * float("nan")
    tolerance = (kept["high"] - kept["low"]) / 2
    allowed = tolerance.clip(lower=ROUNDING * kept["value"].abs()).clip(lower=ROUNDING)
    part = (values - kept["value"]).abs() / allowed
    columns = {"found": values, "kept": kept["value"], "tolerance": tolerance, "part": part}
    return pd.DataFrame(columns).reset_index()
