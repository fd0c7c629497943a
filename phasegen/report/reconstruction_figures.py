"""Plots of reconstruction: Figure 5 of the paper, and Figure 6 against the share of original data."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from phasegen.report.boxes import boxes
from phasegen.report.canvas import canvas, save
from phasegen.report.palette import FLOORS, KNOWN, MODES
from phasegen.report.reconstruction_rows import MODELS, WHOLE, arms, with_floors
from phasegen.report.slice_results import groups

BOXES = {"ssim_percent": "SSIM [%]", "psnr": "PSNR [dB]", "mse": "MSE", "nrmse": "NRMSE"}
CURVES = ("ssim_percent", "psnr")
USES = {"mixed": "mixed with phasegen", "only": "original only", "tuned": "fine-tuned"}
LEVELS = {"phasegen": "phasegen alone", "zerofilling": "zero-filled"}
PANELS = ["cohort", "factor", "model"]


def box_figure(rows: pd.DataFrame, path: str | Path) -> None:
    """Box plots over slices of the four metrics by source, with the mean of every subject.

    Boxes are quartiles with the median, whiskers reach 1.5 times their length. One row of
    panels for each cohort, factor and model, the floors in each. MSE is on a logarithmic axis.

    Args:
        rows: per-slice results, see `phasegen.report.reconstruction_rows`; networks among them.
    """
    shown = arms(rows)
    is_floor = shown["source"].isin(FLOORS)
    parts = _panels(shown[~is_floor])
    figure = canvas(12.5, 0.3 + 3.1 * len(parts))
    axes = figure.subplots(len(parts), len(BOXES), squeeze=False, sharey="col")
    for line, (names, part) in zip(axes, parts, strict=True):
        for axis, (metric, label) in zip(line, BOXES.items(), strict=True):
            boxes(axis, with_floors(part, shown[is_floor]), metric)
            axis.set(ylabel=label, yscale="log" if metric == "mse" else "linear")
        line[0].set_title(_title(names), fontsize=10, loc="left")
    figure.tight_layout(w_pad=1.5)
    save(figure, path)


def share_figure(two: pd.DataFrame, three: pd.DataFrame, path: str | Path) -> None:
    """SSIM and PSNR against the share of original data: a line per mode, its interval as a band.

    Dashed levels are the arm ``phasegen`` and the floor ``zerofilling``. One row of panels for each
    cohort, factor and model that has mixes.

    Args:
        two, three: as from `phasegen.report.reconstruction_table`; at least one panel has mixes.
    """
    parts = with_mixes(three)
    figure = canvas(10, 0.5 + 3.3 * len(parts))
    axes = figure.subplots(len(parts), len(CURVES), squeeze=False)
    for line, (names, part) in zip(axes, parts, strict=True):
        for axis, metric in zip(line, CURVES, strict=True):
            _curves(axis, part, metric)
            _levels(axis, _beside(two, names), metric)
            axis.set(xlabel="original data [% of the training slices]", ylabel=BOXES[metric])
        line[0].set_title(_title(names), fontsize=10, loc="left")
    figure.tight_layout(w_pad=1.5, rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()))
    _legend(figure, axes.ravel())
    save(figure, path)


def with_mixes(three: pd.DataFrame) -> list[tuple[dict, pd.DataFrame]]:
    """Rows of each cohort, factor and model that were run at more than one share."""
    found = _panels(three[three["note"] == ""])
    return [(names, part) for names, part in found if part["share"].nunique() > 1]


def _curves(axis: Axes, part: pd.DataFrame, metric: str) -> None:
    for mode in reversed(MODES):
        line = part[part["source"] == mode]
        if line.empty:
            continue
        if mode == "only" and WHOLE not in set(line["share"]):
            line = pd.concat([line, part[(part["share"] == WHOLE) & (part["source"] == "mixed")]])
        line = line.sort_values("share")
        style, x = MODES[mode], line["share"]
        mean = line[f"{metric}_subject_mean"]
        axis.plot(x, mean, marker="o", markersize=4, label=USES[mode], **style)
        low, high = line[f"{metric}_low"], line[f"{metric}_high"]
        axis.fill_between(x, low, high, color=style["color"], alpha=0.16, linewidth=0)
    shares = sorted(set(part["share"]))
    axis.set_xscale("log")
    axis.set_xticks(shares, [f"{share:g}" for share in shares], fontsize=7.5)
    axis.set_xticks([], minor=True)
    axis.spines[["top", "right"]].set_visible(False)


def _levels(axis: Axes, beside: pd.DataFrame, metric: str) -> None:
    for row in beside[beside["source"].isin(LEVELS)].to_dict("records"):
        name, mean = row["source"], row[f"{metric}_subject_mean"]
        axis.axhline(mean, linewidth=1.2, label=LEVELS[name], zorder=0, **KNOWN[name])
    axis.margins(y=0.08)


def _beside(two: pd.DataFrame, names: Mapping[str, object]) -> pd.DataFrame:
    """Whole arms and floors of one panel that were run."""
    here = (two["cohort"] == names["cohort"]) & (two["factor"] == names["factor"])
    return two[here & two["model"].isin(["", names["model"]]) & (two["note"] == "")]


def _panels(rows: pd.DataFrame) -> list[tuple[dict, pd.DataFrame]]:
    """By cohort and factor, the small model before the large one."""
    sizes = [*MODELS, *sorted(set(rows["model"]))]
    found = list(groups(rows, PANELS))
    keys = [(names["cohort"], names["factor"], sizes.index(names["model"])) for names, _ in found]
    return [found[number] for number in sorted(range(len(found)), key=keys.__getitem__)]


def _title(names: Mapping[str, object]) -> str:
    return f"{names['cohort']}, factor {names['factor']}, model {names['model']}"


def _legend(figure: Figure, axes: list[Axes]) -> None:
    """Each line once, whatever panel it is in."""
    named = {}
    for axis in axes:
        lines, labels = axis.get_legend_handles_labels()
        named |= dict(zip(labels, lines, strict=True))
    shape = {"ncols": len(named), "frameon": False, "handlelength": 3.5, "fontsize": 9}
    figure.legend(list(named.values()), list(named), loc="upper center", **shape)
