"""Sheets of slices with the outlines of brain masks: by source of phase, and by rater."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from phasegen.report.canvas import (
    canvas,
    phase_bar,
    save,
    show_magnitude,
    show_phase,
    strip_axes,
)
from phasegen.report.outline import corner_text, outline, zoom
from phasegen.report.palette import (
    BLUE,
    GREEN,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    source_styles,
)

PANEL = 1.9
OVERLAY, TITLE, HEADER = 2.5, 0.35, 0.75
TRUTH = {"color": YELLOW, "linestyle": "-"}
CONSENSUS = TRUTH | {"linewidth": 1.8}
RATERS = (
    {"color": VERMILLION, "linestyle": "--"},
    {"color": SKY, "linestyle": ":"},
    {"color": GREEN, "linestyle": "-."},
    {"color": PURPLE, "linestyle": (0, (5, 1))},
    {"color": BLUE, "linestyle": (0, (3, 1, 1, 1, 1, 1))},
)
OVERLAY_COLUMNS = 4
NARROWEST = 6.5


@dataclass(frozen=True)
class Case:
    """One slice of the cases sheet.

    Attributes:
        title: of its row.
        image: complex ``(y, x)``.
        truth: bool ``(y, x)``.
        predicted: bool ``(y, x)`` by source.
        dice: 0 to 1, by source.
    """

    title: str
    image: np.ndarray
    truth: np.ndarray
    predicted: Mapping[str, np.ndarray]
    dice: Mapping[str, float]


def cases_sheet(cases: Sequence[Case], path: str | Path) -> None:
    """A row per slice: magnitude, phase, the truth's outline, each source's with its Dice (DSC)."""
    sources = list(cases[0].predicted)
    titles = ["magnitude", "phase", "truth", *sources]
    width, height = PANEL * len(titles) + 1.9, PANEL * len(cases) + 0.4
    figure = canvas(width, height)
    axes = figure.subplots(len(cases), len(titles), squeeze=False)
    for line, case in zip(axes, cases, strict=True):
        line[0].set_ylabel(case.title, fontsize=9)
        _case(line, case, sources)
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=10)
    figure.subplots_adjust(
        0.95 / width, 0.05 / height, 1 - 0.9 / width, 1 - 0.35 / height, wspace=0.04, hspace=0.04
    )
    phase_bar(figure, (1 - 0.8 / width, 0.5 - 0.6 / height, 0.12 / width, 1.2 / height))
    save(figure, path)


def _case(line: np.ndarray, case: Case, sources: Sequence[str]) -> None:
    styles = source_styles(sources)
    show_phase(line[1], case.image)
    for axis in (line[0], *line[2:]):
        show_magnitude(axis, np.abs(case.image))
    outline(line[2], case.truth, TRUTH)
    for axis, source in zip(line[3:], sources, strict=True):
        outline(axis, case.truth, TRUTH)
        outline(axis, case.predicted[source], styles[source] | {"linestyle": "-"})
        corner_text(axis, f"DSC {100 * case.dice[source]:.1f} %")
    for axis in line:
        zoom(axis, np.stack([case.truth, *case.predicted.values()]))
        strip_axes(axis)


def overlay_sheet(
    titles: Sequence[str],
    magnitude: np.ndarray,
    masks: Mapping[str, np.ndarray],
    consensus: np.ndarray,
    unrated: Sequence[Sequence[str]],
    note: str,
    path: str | Path,
) -> None:
    """Magnitude of each slice with the outline of every rater and of the consensus.

    Args:
        titles: one per slice.
        magnitude: ``(slice, y, x)``.
        masks: bool ``(slice, y, x)`` by rater; nothing is drawn of an empty one.
        consensus: bool ``(slice, y, x)``, named STAPLE.
        unrated: of each slice the raters that did not rate it, to be told from empty masks.
        note: line above all.
    """
    columns = min(len(titles), OVERLAY_COLUMNS)
    lines = -(-len(titles) // columns)
    panel = OVERLAY if columns > 2 else 1.4 * OVERLAY
    width = max(panel * columns, NARROWEST)
    height = (panel + TITLE) * lines + HEADER
    figure = canvas(width, height)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    styles = {name: RATERS[n % len(RATERS)] for n, name in enumerate(masks)}
    for number, (axis, title) in enumerate(zip(axes, titles, strict=False)):
        show_magnitude(axis, magnitude[number])
        strip_axes(axis)
        axis.set_title(title, fontsize=8)
        outline(axis, consensus[number], CONSENSUS)
        for name, values in masks.items():
            outline(axis, values[number], styles[name])
        zoom(axis, np.stack([consensus[number], *(values[number] for values in masks.values())]))
        if unrated[number]:
            corner_text(axis, "\n".join(["not rated:", *unrated[number]]), size=8)
    for axis in axes[len(titles) :]:
        axis.set_axis_off()
    figure.suptitle(note, fontsize=11, y=1 - 0.08 / height, va="top")
    _legend(figure, styles | {"STAPLE": CONSENSUS}, 1 - 0.32 / height)
    figure.subplots_adjust(
        0.01, 0.05 / height, 0.99, 1 - (HEADER + TITLE) / height, wspace=0.04, hspace=TITLE / panel
    )
    save(figure, path)


def _legend(figure: Figure, styles: Mapping[str, Mapping], top: float) -> None:
    lines = [Line2D([], [], **{"linewidth": 1.6} | dict(style)) for style in styles.values()]
    figure.legend(
        lines,
        list(styles),
        loc="upper center",
        bbox_to_anchor=(0.5, top),
        ncols=len(styles),
        fontsize=9,
        facecolor="0.1",
        labelcolor="white",
        handlelength=3,
    )
