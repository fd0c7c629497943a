"""The figure of realism is drawn from tables alone, the same every time."""

import re

import numpy as np
import pandas as pd

from phasegen.report.realism import realism_figure

SOURCES = ["none", "naive", "phasegen", "real"]


def tables():
    table = pd.DataFrame({"source": SOURCES, "residues": [0, 0, 2, 1], "auroc": [1, 1, 0.7, 0.5]})
    for column, width in (("residues", 0.5), ("auroc", 0.05)):
        table[f"{column}_low"], table[f"{column}_high"] = table[column] - width, table[column]
    x = np.linspace(0, 1, 9)
    shapes = [(s, c) for s in SOURCES for c in ("gradient", "spectrum")]
    curves = [pd.DataFrame({"source": s, "curve": c, "x": x, "y": 1 - x}) for s, c in shapes]
    return table, pd.concat(curves)


def test_figure_names_every_source_and_unit(tmp_path):
    realism_figure(*tables(), tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    for words in (*SOURCES, "rad/pixel", "Nyquist", "residues per 1000", "AUROC"):
        assert f"<!-- {words}" in drawn or words in drawn


def test_few_residues_have_plain_ticks(tmp_path):
    """A logarithmic scale that ends below its first power labels its end with every digit."""
    table, curves = tables()
    for name, factor in (("few.svg", 0.1), ("many.svg", 20)):
        scaled = table.assign(residues=factor * table["residues"])
        for side in ("low", "high"):
            scaled[f"residues_{side}"] = 0.76577 * factor * table[f"residues_{side}"]
        realism_figure(scaled, curves, tmp_path / name)
        assert not re.search(r"\d\.\d+\\times", (tmp_path / name).read_text())
    assert "<!-- 0.10" in (tmp_path / "few.svg").read_text()
    assert "{10^{1}}" in (tmp_path / "many.svg").read_text()


def test_figure_is_the_same_every_time(tmp_path):
    for name in ("a.svg", "b.svg"):
        realism_figure(*tables(), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
