"""Tables of texts on disk, as Markdown and as LaTeX."""

from collections.abc import Sequence
from pathlib import Path

from phasegen.paths import whole_file
from phasegen.report.grid import Section
from phasegen.report.latex import latex as as_latex
from phasegen.report.markdown import markdown as as_markdown


def write_sections(sections: Sequence[Section], markdown: str | Path, latex: str | Path) -> None:
    """Both files, each whole or not at all."""
    for path, text in ((markdown, as_markdown(sections)), (latex, as_latex(sections))):
        with whole_file(path) as partial:
            partial.write_text(text)
