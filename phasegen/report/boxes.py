"""Box plots by source of phase, with the mean of every subject."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from phasegen.report.palette import LABELS, in_order, source_styles

# Subjects whose dots leave something to be seen of the box.
FEW = 8
# Sources whose names lie beside each other on a gentle slope.
MANY = 6


def boxes(axis: Axes, part: pd.DataFrame, metric: str) -> None:
    """A box of each source over all slices, whiskers of 1.5 times its length, a dot per subject.

    Args:
        part: per-slice results; NaN of the metric is left out.
        metric: its column.
    """
    sources = in_order(part["source"])
    scored = {name: part[part["source"] == name].dropna(subset=metric) for name in sources}
    drawn = axis.boxplot(
        [rows[metric] for rows in scored.values()],
        widths=0.6,
        patch_artist=True,
        medianprops={"color": "black", "linewidth": 1.4},
        flierprops={"marker": ".", "markersize": 2, "alpha": 0.4},
    )
    # So many that as vectors they would outweigh the rest of the figure.
    for flier in drawn["fliers"]:
        flier.set_rasterized(True)
    for box, style in zip(drawn["boxes"], source_styles(sources).values(), strict=True):
        box.set(facecolor=style["color"], alpha=0.45)
    for place, (name, rows) in enumerate(scored.items(), start=1):
        means = rows.groupby("subject")[metric].mean().to_numpy()
        spread = np.linspace(-0.2, 0.2, len(means)) if len(means) > 1 else np.zeros(len(means))
        colour = source_styles(sources)[name]["color"]
        size = 5 if len(means) <= FEW else 3
        axis.plot(place + spread, means, "o", color=colour, mec="white", mew=0.6, ms=size)
    labels = [LABELS.get(name, name) for name in sources]
    slope = {"rotation": 30 if len(labels) <= MANY else 55, "rotation_mode": "anchor"}
    axis.set_xticks(range(1, len(sources) + 1), labels, ha="right", **slope)
    axis.spines[["top", "right"]].set_visible(False)
