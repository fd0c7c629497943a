"""Tables of texts on disk, as Markdown and as LaTeX."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from phasegen.paths import whole_file
from phasegen.report.grid import Section
from phasegen.report.latex import latex as as_latex
from phasegen.report.markdown import markdown as as_markdown


def write_sections(
    sections: Sequence[Section], banner: str, markdown: str | Path, latex: str | Path
) -> None:
    """Both files, each whole or not at all; a banner, where there is one, is in every heading."""
    if banner:
        sections = [replace(one, heading=f"{one.heading} ({banner})") for one in sections]
    for path, text in ((markdown, as_markdown(sections)), (latex, as_latex(sections))):
        with whole_file(path) as partial:
            partial.write_text(text)
