"""A table of texts with what is said above and below it: what Markdown and LaTeX are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

NONE = "-"
"""A cell without a value."""
PAPER = "paper"
"""Title of a column with what the paper has of the column before it."""


class Best(str):
    """A cell that is the best of those that it is compared with."""

    __slots__ = ()


@dataclass(frozen=True)
class Section:
    """One table.

    Attributes:
        heading: a line.
        titles: of the columns; `PAPER` belongs to the column before.
        rows: cells, as many a row as there are titles; a `Best` one is printed bold.
        note: what the numbers are, a paragraph or nothing; words between double backticks are names.
        names: columns in front that say what a row is.
    """

    heading: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    names: int = 1


def section_of(
    heading: str, columns: Sequence[tuple[str, Sequence[str]]], note: str = "", names: int = 1
) -> Section:
    """A section from the title and the cells of each column."""
    titles, cells = zip(*columns, strict=True)
    return Section(heading, titles, list(zip(*cells, strict=True)), note, names)
