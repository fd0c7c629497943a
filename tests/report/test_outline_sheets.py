"""Sheets of outlines are pictures of what they are given, for many slices and for few."""

import numpy as np
import pytest
from matplotlib.image import imread

from phasegen.report.outline_sheets import Case, cases_sheet, overlay_sheet


def head(size=32):
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return (np.hypot(x, y) < 0.8) * np.exp(1j * x), np.hypot(x, y) < 0.5


def case(title="best", sources=("none", "phasegen"), predicted=None):
    image, truth = head()
    masks = dict.fromkeys(sources, truth if predicted is None else predicted)
    return Case(title, image, truth, masks, dict.fromkeys(sources, 0.5))


def overlay(path, count=2, unrated=(), masks=("a", "b"), note="note"):
    image, brain = head()
    overlay_sheet(
        [f"slice {number}" for number in range(count)],
        np.abs(np.stack([image] * count)),
        {name: np.stack([brain] * count) for name in masks},
        np.stack([brain] * count),
        [list(unrated)] * count,
        note,
        path,
    )
    return imread(path)


def test_cases_have_a_row_each_and_a_column_for_every_source(tmp_path):
    shapes = []
    for name, cases in (
        ("one", [case()]),
        ("two", [case(), case()]),
        ("three", [case(sources=("none", "naive", "phasegen"))]),
    ):
        cases_sheet(cases, tmp_path / f"{name}.png")
        shapes.append(imread(tmp_path / f"{name}.png").shape)
    assert shapes[1][0] > 1.5 * shapes[0][0] and shapes[1][1] == shapes[0][1]
    assert shapes[2][1] > shapes[0][1]


def test_the_predicted_outline_is_drawn(tmp_path):
    truth = head()[1]
    for name, mask in (("a", truth), ("b", np.roll(truth, 3, 0)), ("c", truth & False)):
        cases_sheet([case(predicted=mask)], tmp_path / f"{name}.png")
    pictures = {(tmp_path / f"{name}.png").read_bytes() for name in "abc"}
    assert len(pictures) == 3
    cases_sheet([case(predicted=truth)], tmp_path / "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("count", [1, 2, 5, 24])
def test_overlays_grow_with_the_slices(tmp_path, count):
    picture = overlay(tmp_path / "a.png", count)
    lines = -(-count // 4)
    assert 300 * lines < picture.shape[0] < 800 + 500 * lines
    assert picture.shape[1] < 1500


def test_raters_note_and_what_was_not_rated_are_seen(tmp_path):
    plain = overlay(tmp_path / "plain.png")
    for name, more in {
        "masks": {"masks": ("a", "b", "c", "d", "e")},
        "note": {"note": "Not verified by a person"},
        "unrated": {"unrated": ("b",)},
    }.items():
        changed = overlay(tmp_path / f"{name}.png", **more)
        assert changed.shape == plain.shape and (changed != plain).any()


def test_a_blank_slice_without_masks_can_be_drawn(tmp_path):
    nothing = np.zeros((1, 16, 16), bool)
    path = tmp_path / "a.png"
    overlay_sheet(["a"], nothing.astype(float), {"a": nothing}, nothing, [["a"]], "note", path)
    assert imread(path).std() > 0.05
