"""A table with the record of the files behind its rows: which row, which column, which files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.provenance import file_digest

NAMED = ("cohort", "truth", "model", "factor", "share", "knob", "level", "contrast", "subject")
NAMED += ("source", "metric", "left", "right")
"""Columns that say which row it is."""


@dataclass(frozen=True)
class TracedTable:
    """A table as it stands in its file, and its record."""

    path: Path
    rows: pd.DataFrame
    """All of it as text."""
    record: dict
    """As `phasegen.steps.traced_tables.write_traced` wrote it."""

    @property
    def folder(self) -> Path:
        """Of the run, if the table still lies where it was made, else the current one."""
        name = Path(self.record["tables"][self.path.name]["file"])
        path = self.path.absolute()
        depth = len(name.parts) - 1
        is_there = not name.is_absolute() and path.parts[-len(name.parts) :] == name.parts
        return path.parents[depth] if is_there else Path.cwd()

    @property
    def has_changed(self) -> bool:
        """Whether its file is another than the one that was recorded."""
        return file_digest(self.path) != self.record["tables"][self.path.name]["sha256"]

    def number(self, wanted: Sequence[str]) -> int:
        """Row (from 0) of a choice: its number in the table (from 1), or texts ``key=value``.

        Raises:
            UserError: no row, or several.
        """
        if len(wanted) == 1 and wanted[0].isdecimal():
            found = [int(wanted[0]) - 1]
            found = found if 0 <= found[0] < len(self.rows) else []
        else:
            keys = [self._pair(text) for text in wanted]
            found = [n for n, row in self.rows.iterrows() if _fits(row, keys)]
        if len(found) == 1:
            return found[0]
        shown = found or range(len(self.rows))
        listed = "\n".join(f"  {n + 1}: {self.title(n)}" for n in shown)
        choice = " ".join(wanted) or "no --row"
        count = f"fits {len(found)} rows" if found else "fits no row"
        raise UserError(f"{self.path}: {choice} {count}; give --row one of\n{listed}")

    def files(self, number: int, column: str | None) -> dict[str, str]:
        """SHA-256 of the files behind a cell, or behind a whole row, by recorded name.

        Raises:
            UserError: there is no such column.
        """
        if column is not None and column not in self.rows:
            names = ", ".join(self.rows)
            raise UserError(f"{self.path}: has no column {column!r}; there are {names}")
        behind = self.record["tables"][self.path.name]["rows"][number]
        if column is None:
            names = sorted(set().union(*behind.values()))
        else:
            names = behind.get(column, behind[""])
        return {name: self.record["made_from"][name] for name in names}

    def title(self, number: int) -> str:
        """What tells a row from the others."""
        row = self.rows.iloc[number]
        return " ".join(f"{name}={row[name]}" for name in NAMED if row.get(name))

    def _pair(self, text: str) -> tuple[str, str]:
        key, sign, value = text.partition("=")
        if not sign or key not in self.rows:
            names = ", ".join(name for name in NAMED if name in self.rows)
            raise UserError(f"{self.path}: --row {text}: give a number or key=value, of {names}")
        return key, value


def read_traced(table: str | Path) -> TracedTable:
    """A table (CSV) and the record beside it.

    Raises:
        UserError: one of them is missing or cannot be read, or they do not fit.
    """
    path = Path(table)
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a table ({error})") from None
    for file in sorted(path.parent.glob("*.sources.json")):
        record = _read_record(file)
        if path.name in record["tables"]:
            count = len(record["tables"][path.name]["rows"])
            if count != len(rows):
                raise UserError(
                    f"{path}: has {len(rows)} rows, where {file.name} records {count}; the table "
                    "has changed since it was made; make it again"
                )
            return TracedTable(path, rows, record)
    raise UserError(
        f"{path}: no *.sources.json beside it names it, so nothing says what it was made from; "
        "make the table again, or give one of table1, table2, table3 or skull_strip_sweep"
    )


def _read_record(file: Path) -> dict:
    try:
        record = json.loads(file.read_text())
        record["made_from"], record["tables"], record["code"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UserError(f"{file}: is no record of tables ({reason}); make them again") from None
    return record


def _fits(row: pd.Series, keys: Sequence[tuple[str, str]]) -> bool:
    return all(_equal(row[key], value) for key, value in keys)


def _equal(cell: str, value: str) -> bool:
    try:
        return cell == value or float(cell) == float(value)
    except ValueError:
        return False
