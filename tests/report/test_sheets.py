"""Contact sheets and curves are pictures of what they are given, the same every time."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from phasegen.fourier import to_kspace
from phasegen.report.sheets import image_sheet, synthetic_sheet
from phasegen.report.training import loss_curve
from phasegen.steps.figures import spread_rows


def heads(count):
    y, x = np.mgrid[-1:1:32j, -1:1:32j]
    return np.stack([(np.hypot(x, y) < 0.5 + 0.1 * i).astype(np.float32) for i in range(count)])


def test_sheet_shows_a_panel_for_every_source(tmp_path):
    magnitude = heads(2)
    one = {"none": to_kspace(magnitude)}
    synthetic_sheet(["a", "b"], magnitude, one, tmp_path / "one.png")
    synthetic_sheet(["a", "b"], magnitude, one | {"again": one["none"]}, tmp_path / "two.png")
    assert imread(tmp_path / "two.png").shape[1] > imread(tmp_path / "one.png").shape[1]
    synthetic_sheet(["a", "b"], magnitude, one, tmp_path / "same.png")
    assert (tmp_path / "same.png").read_bytes() == (tmp_path / "one.png").read_bytes()


def test_a_blank_slice_can_be_drawn(tmp_path):
    image_sheet(["a", "blank"], heads(2) * np.array([1, 0])[:, None, None] + 0j, tmp_path / "a.png")
    assert imread(tmp_path / "a.png").std() > 0.05


def test_curve_is_the_same_every_time(tmp_path):
    losses = [1.0, 0.5, 0.6]
    history = pd.DataFrame({"epoch": range(3), "train_loss": losses, "validation_loss": losses})
    for name in ("a.svg", "b.svg"):
        loss_curve(history, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize("volumes", [1, 3, 20])
def test_rows_of_a_sheet_are_filled_and_of_many_volumes(volumes):
    index = pd.DataFrame(
        [
            {"row": 5 * v + s, "subject": f"s{v}", "series": "t", "scale": float(s > 0)}
            for v in range(volumes)
            for s in range(5)
        ]
    )
    rows = spread_rows(index)
    assert len(rows) > 1
    assert index.iloc[rows]["subject"].nunique() == min(volumes, 8)
    assert len(set(rows)) == len(rows)
    assert (index.iloc[rows]["scale"] > 0).all()
