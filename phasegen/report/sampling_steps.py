"""Quality and time against the number of network evaluations, by sampler."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from phasegen.report.canvas import canvas, save
from phasegen.report.palette import BLACK, BLUE, GREEN, VERMILLION

# A colour and a mark each.
STYLES = {
    "ancestral": (BLACK, "s"),
    "ddim": (BLUE, "o"),
    "dpm": (VERMILLION, "^"),
    "heun": (GREEN, "v"),
}


def sampling_steps_figure(table: pd.DataFrame, path: str | Path) -> None:
    """Three panels over the evaluations: residues, gradient distance, seconds per slice.

    Args:
        table: as from ``phasegen.metrics.comparison``, with columns sampler and seconds.
    """
    figure = canvas(10, 3.8)
    residues, gradients, seconds = figure.subplots(1, 3)
    _lines(residues, table, "residues", interval=True)
    residues.axhline(table["residues_true"].iloc[0], color="0.6", linewidth=1)
    residues.set(ylabel="residues per 1000 loops of tissue (line: true)")
    residues.set_yscale("symlog", linthresh=0.1)
    residues.set_ylim(0, None)
    _lines(gradients, table, "gradient_distance")
    gradients.set(ylabel="gradient distance to the truth [rad/pixel]", yscale="log")
    _lines(seconds, table, "seconds")
    seconds.set(ylabel="time per slice [s]", yscale="log")
    residues.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    save(figure, path)


def _lines(axis: Axes, table: pd.DataFrame, column: str, interval: bool = False) -> None:
    for sampler, rows in table.groupby("sampler", sort=False):
        colour, mark = STYLES[sampler]
        line = rows.sort_values("evaluations")
        x, label = line["evaluations"], f"{sampler} ({line['model'].iloc[0]})"
        axis.plot(x, line[column], color=colour, marker=mark, markersize=4, label=label)
        if interval:
            low, high = line[f"{column}_low"], line[f"{column}_high"]
            axis.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
        for run in line[line["chosen"]].to_dict("records"):
            ring = {"markersize": 11, "fillstyle": "none", "clip_on": False}
            axis.plot(run["evaluations"], run[column], "o", color=colour, **ring)
    axis.set(xlabel="network evaluations per slice", xscale="log")
