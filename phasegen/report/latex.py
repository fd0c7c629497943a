"""Tables as LaTeX, for a document with the packages booktabs and adjustbox."""

import re
from collections.abc import Iterable, Iterator, Sequence

from phasegen.report.grid import NONE, PAPER, Best, Section

WIDEST = 9
"""Columns that stand side by side; what is more goes below, with its rows named again."""

HEAD = "% \\usepackage{booktabs, adjustbox}\n"
SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    # At the start of a row these would be read as the length of a gap, or that there is none.
    "[": "{[}",
    "*": "{*}",
} | {character: f"\\{character}" for character in "&%$#_{}"}
MINUS = re.compile(r"(?<![\w-])-(?=[\d.])| - ")


def latex(sections: Iterable[Section]) -> str:
    """A floating table of each section; heads that the paper's columns stand under are shared."""
    return HEAD + "".join(f"\n{_table(section)}" for section in sections)


def escape(text: str) -> str:
    """The same text where LaTeX reads some characters as commands."""
    special = re.compile("|".join(map(re.escape, SPECIAL)))
    signs = MINUS.split(text)
    escaped = [special.sub(lambda found: SPECIAL[found[0]], part) for part in signs]
    found = escaped[0]
    for sign, part in zip(MINUS.findall(text), escaped[1:], strict=True):
        found += sign.replace("-", "$-$") + part
    return found


def _table(section: Section) -> str:
    panels = [_tabular(section, columns) for columns in _panels(section)]
    lines = [r"\begin{table}[htbp]", r"\centering", rf"\caption{{{_names(section.heading)}}}"]
    lines.append("\n\\par\\medskip\n".join(panels))
    if section.note:
        lines += [
            r"\par\smallskip",
            rf"\parbox{{\linewidth}}{{\footnotesize {_names(section.note)}}}",
        ]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _panels(section: Section) -> Iterator[list[int]]:
    """Columns of each tabular; a column of the paper's stays with the one before it."""
    names = list(range(section.names))
    panel = names.copy()
    for group in _groups(section.titles, section.names):
        if len(panel) > len(names) and len(panel) + len(group) > WIDEST:
            yield panel
            panel = names.copy()
        panel += group
    yield panel


def _groups(titles: Sequence[str], first: int) -> list[list[int]]:
    groups: list[list[int]] = []
    for column in range(first, len(titles)):
        if titles[column] == PAPER and groups:
            groups[-1].append(column)
        else:
            groups.append([column])
    return groups


def _tabular(section: Section, columns: Sequence[int]) -> str:
    kinds = "".join("l" if column < section.names else "r" for column in columns)
    lines = [
        r"\begin{adjustbox}{max width=\linewidth}",
        rf"\begin{{tabular}}{{{kinds}}}",
        r"\toprule",
    ]
    lines += [*_head(section, columns), r"\midrule"]
    lines += [_row(_cell(row[column]) for column in columns) for row in section.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{adjustbox}"])


def _head(section: Section, columns: Sequence[int]) -> list[str]:
    """One line of titles, or two where the paper's columns stand beside ours."""
    titles = [section.titles[column] for column in columns]
    if PAPER not in titles:
        return [_row(map(escape, titles))]
    above, rules, below = [], [], []
    for group in [*([n] for n in range(section.names)), *_groups(titles, section.names)]:
        title = titles[group[0]]
        if len(group) == 1:
            what, by, whom = title.partition(" by ")
            above.append(escape(what))
            below.append(escape(f"{by}{whom}".strip()))
        else:
            above.append(rf"\multicolumn{{{len(group)}}}{{c}}{{{escape(title)}}}")
            rules.append(rf"\cmidrule(lr){{{group[0] + 1}-{group[-1] + 1}}}")
            below += ["ours", PAPER]
    return [_row(above), " ".join(rules), _row(below)]


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(text: str) -> str:
    if text == NONE:
        return "--"
    return rf"\textbf{{{escape(text)}}}" if isinstance(text, Best) else escape(text)


def _names(text: str) -> str:
    """A paragraph; what stands between double backticks is a name."""
    parts = (escape(part) for part in text.split("``"))
    return "".join(rf"\texttt{{{part}}}" if n % 2 else part for n, part in enumerate(parts))
