"""Tables as Markdown."""

from collections.abc import Iterable, Sequence

from phasegen.report.grid import Best, Section


def markdown(sections: Iterable[Section]) -> str:
    """Text of all sections, one below the other."""
    parts = []
    for section in sections:
        parts += [f"### {section.heading}", markdown_table(section.titles, section.rows)]
        parts += [section.note] if section.note else []
    return "\n\n".join(parts) + "\n"


def markdown_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts; the `Best` ones are bold."""
    return "\n".join(_line(cells) for cells in (titles, ["---"] * len(titles), *rows))


def _line(cells: Iterable[str]) -> str:
    shown = (f"**{cell}**" if isinstance(cell, Best) else cell for cell in cells)
    return "| " + " | ".join(shown) + " |"
