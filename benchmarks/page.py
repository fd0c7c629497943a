"""Put the tables of ``make bench-scale`` into docs/scale.md, and keep their files beside it."""

import argparse
import re
import shutil
from pathlib import Path

import pandas as pd

from benchmarks import petabyte, scale, units
from phasegen.report.markdown import markdown_table

FOLDER = Path(__file__).parents[1] / "docs" / "scale"
TABLES = {"scale": scale, "units": units, "petabyte": petabyte}
BLOCK = re.compile(r"(<!-- (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def main() -> None:
    options = _parser().parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name in TABLES:
        shutil.copy(options.bench / f"{name}.csv", FOLDER / f"{name}.csv")
    page = FOLDER.with_suffix(".md")
    page.write_text(filled(page.read_text()))


def filled(text: str) -> str:
    """The page with what the kept files say between its marks."""
    return BLOCK.sub(lambda match: f"{match[1]}\n{shown(match[2])}\n\n{match[4]}", text)


def shown(name: str) -> str:
    """A table as Markdown, or the verdict on the plans."""
    if name == "verdict":
        return f"`{scale.verdict(pd.read_csv(FOLDER / 'scale.csv'))}`"
    return markdown_table(*TABLES[name].cells(pd.read_csv(FOLDER / f"{name}.csv")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("results/bench"), help="of the tables")
    return parser


if __name__ == "__main__":
    main()
