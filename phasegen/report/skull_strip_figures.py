"""Plots of skull-stripping: Figure 4 of the paper, and Dice against what was done to the data."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from phasegen.report.boxes import boxes
from phasegen.report.canvas import canvas, save
from phasegen.report.palette import in_order, source_styles

BOXES = {"dsc_percent": "DSC [%]", "hd95": "HD95 [pixel]", "hausdorff": "HD [pixel]"}
LEGEND_INCHES = 2.2
"""Width of an entry of the legend, with a long name."""
KNOBS = {
    "echo_shift": "echo shift [samples]",
    "coil_phase": "phase of the coils [rad]",
    "phase_times": "phase, over that recorded",
}


def box_figure(rows: pd.DataFrame, path: str | Path) -> None:
    """Box plots over slices of DSC, HD95 and HD by source, with the mean of every subject.

    Boxes are quartiles with the median, whiskers reach 1.5 times their length. One row of
    panels for each cohort and truth.

    Args:
        rows: untouched data, as from `phasegen.report.skull_strip_table.untouched`.
    """
    groups = list(rows.groupby(["cohort", "truth"], sort=True))
    figure = canvas(9, 0.4 + 3.1 * len(groups))
    axes = figure.subplots(len(groups), len(BOXES), squeeze=False)
    for line, ((cohort, truth), part) in zip(axes, groups, strict=True):
        for axis, (metric, label) in zip(line, BOXES.items(), strict=True):
            boxes(axis, part, metric)
            axis.set_ylabel(label)
        line[1].set_title(f"{cohort}, truth: {truth}", fontsize=10)
    figure.tight_layout(w_pad=1.5)
    save(figure, path)


def sweep_figure(table: pd.DataFrame, path: str | Path) -> None:
    """DSC against the level of each knob: a line per source, its interval as a band.

    One row of panels for each cohort and truth.

    Args:
        table: as from `phasegen.report.skull_strip_table.sweep_table`.
    """
    groups = list(table.groupby(["cohort", "truth"], sort=True))
    knobs = list(dict.fromkeys(table["knob"]))
    figure = canvas(0.8 + 4 * len(knobs), 0.4 + 3.2 * len(groups))
    axes = figure.subplots(len(groups), len(knobs), squeeze=False, sharey=True)
    for line, ((cohort, truth), part) in zip(axes, groups, strict=True):
        for axis, knob in zip(line, knobs, strict=True):
            _lines(axis, part[part["knob"] == knob])
            axis.set(xlabel=KNOBS[knob])
            axis.set_title(f"{cohort}, truth: {truth}", fontsize=10)
        line[0].set_ylabel("DSC [%], mean of the subjects")
    lines, sources = axes[0, 0].get_legend_handles_labels()
    columns = min(len(sources), max(1, int(figure.get_figwidth() / LEGEND_INCHES)))
    rows = -(-len(sources) // columns)
    figure.tight_layout(w_pad=1.5, rect=(0, 0, 1, 1 - (0.1 + 0.2 * rows) / figure.get_figheight()))
    shape = {"ncols": columns, "frameon": False, "handlelength": 3.5}
    figure.legend(lines, sources, loc="upper center", **shape)
    save(figure, path)


def _lines(axis: Axes, table: pd.DataFrame) -> None:
    styles = source_styles(table["source"])
    for source in in_order(table["source"]):
        line = table[table["source"] == source].sort_values("level")
        x = line["level"]
        mean = line["dsc_percent_subject_mean"]
        axis.plot(x, mean, marker="o", markersize=4, label=source, **styles[source])
        low, high = line["dsc_percent_low"], line["dsc_percent_high"]
        axis.fill_between(x, low, high, color=styles[source]["color"], alpha=0.18, linewidth=0)
    axis.set_xticks(sorted(set(table["level"])))
    axis.spines[["top", "right"]].set_visible(False)
