"""Realism of every source of phase: residues, gradients, spectra and the two-sample test."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from phasegen.report.canvas import canvas, save
from phasegen.report.palette import source_styles

FEW = 1.0
"""Residues per 1000 loops up to which the scale is linear; below it a logarithmic one has no ticks."""


def realism_figure(table: pd.DataFrame, curves: pd.DataFrame, path: str | Path) -> None:
    """Four panels: residues and AUROC with intervals, gradient densities and radial spectra.

    Args:
        table: as from ``phasegen.metrics.table``, of one contrast or of ``all``.
        curves: as from ``phasegen.metrics.curves``.
    """
    styles = source_styles(table["source"])
    figure = canvas(9, 6.4)
    (residues, gradients), (auroc, spectra) = figure.subplots(2, 2)
    _points(residues, table, "residues", styles)
    residues.set(xlabel="residues per 1000 loops of tissue", xlim=(0, None))
    if table["residues_high"].max() > FEW:
        residues.set_xscale("symlog", linthresh=FEW)
    _points(auroc, table, "auroc", styles)
    auroc.axvline(0.5, color="0.7", linewidth=1, zorder=0)
    auroc.set(xlabel="AUROC, real against source (0.5: not to be told apart)", xlim=(0, 1.03))
    _lines(gradients, curves, "gradient", styles)
    gradients.set(xlabel="phase gradient [rad/pixel]", ylabel="density [pixel/rad]")
    gradients.set(yscale="log", xlim=(-np.pi, np.pi))
    _lines(spectra, curves, "spectrum", styles)
    spectra.set(xlabel="radius in k-space [fraction of Nyquist]", ylabel="share of the energy")
    spectra.set(yscale="log", xlim=(0, 1))
    # Where no line runs.
    spectra.legend(frameon=False, fontsize=8, loc="upper right")
    figure.tight_layout()
    save(figure, path)


def _points(axis: Axes, table: pd.DataFrame, column: str, styles: dict[str, dict]) -> None:
    """Estimates with their intervals, one line of the panel per source."""
    for place, row in enumerate(table.to_dict("records")):
        low, high = row[f"{column}_low"], row[f"{column}_high"]
        colour = styles[row["source"]]["color"]
        axis.plot([low, high], [place, place], color=colour, linewidth=2)
        axis.plot(row[column], place, "o", color=colour, clip_on=False)
    axis.set_yticks(range(len(table)), table["source"])
    axis.set_ylim(len(table) - 0.5, -0.5)


def _lines(axis: Axes, curves: pd.DataFrame, curve: str, styles: dict[str, dict]) -> None:
    for name, line in curves[curves["curve"] == curve].groupby("source", sort=False):
        drawn = line[line["y"] > 0]  # the scale is logarithmic
        axis.plot(drawn["x"], drawn["y"], label=name, **styles[name])
