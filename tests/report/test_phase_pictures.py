"""Figures 2 and 3 are drawings of what they are given, the same every time."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from phasegen.report.process_strip import Process, process_strip
from phasegen.report.unwrapped_sheet import PhasePair, unwrapped_sheet

Y, X = np.mgrid[-1:1:32j, -1:1:32j]
HEAD = np.hypot(X, Y) < 0.8
PANEL = "image-rendering:crisp-edges"
"""In the line of every image that keeps its pixels, so not in those of colour bars."""
IMAGE = HEAD * np.exp(2j * X)


def size_of(text):
    return [
        float(value)
        for value in re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text).groups()
    ][::-1]


def images_of(path):
    """RGBA of every panel."""
    found = re.findall(r'base64,\s*([^"]+)"[^>]*' + PANEL, path.read_text())
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(text)))) for text in found]


def strip(path, columns=3):
    images = [IMAGE, *([IMAGE[::2, ::2]] * (columns - 1))]
    levels = [f"t = {column}" for column in range(columns)]
    process_strip(Process("forward", images), Process("reverse", images), levels, levels, path)
    return path.read_text()


def sheet(path, slices=2, methods=("one", "two"), inside=HEAD):
    phases = {name: (5 * X, 4 * X + number) for number, name in enumerate(methods)}
    unwrapped_sheet(
        [PhasePair(f"slice {n}", (IMAGE, IMAGE), inside, phases) for n in range(slices)], path
    )
    return path.read_text()


@pytest.mark.parametrize("columns", [2, 8])
def test_a_strip_has_four_panels_for_every_column(tmp_path, columns):
    assert strip(tmp_path / "a.svg", columns).count(PANEL) == 4 * columns


@pytest.mark.parametrize("methods", [("one",), ("one", "two")])
def test_a_sheet_has_a_magnitude_and_pairs_in_every_row(tmp_path, methods):
    for slices in (1, 3):
        text = sheet(tmp_path / "a.svg", slices, methods)
        assert text.count(PANEL) == slices * (3 + 2 * len(methods))


@pytest.mark.parametrize("draw", [strip, sheet])
def test_files_keep_their_bytes(tmp_path, draw):
    assert draw(tmp_path / "a.svg") == draw(tmp_path / "b.svg")


def test_images_keep_their_pixels(tmp_path):
    """Every pixel of an image is a square, and where there is no signal the phase is clear."""
    strip(tmp_path / "a.svg", 2)
    magnitude, phase, coarse, *_ = images_of(tmp_path / "a.svg")
    assert magnitude.shape[:2] == phase.shape[:2] == coarse.shape[:2] == (256, 256)
    for values, side in ((magnitude, 8), (phase, 8), (coarse, 16)):
        np.testing.assert_array_equal(
            values[::side, ::side].repeat(side, 0).repeat(side, 1), values
        )
    np.testing.assert_array_equal(phase[::8, ::8, 3] > 0, HEAD)


def test_pictures_grow_with_what_they_show(tmp_path):
    assert size_of(strip(tmp_path / "a.svg", 4))[1] > size_of(strip(tmp_path / "b.svg", 2))[1]
    assert size_of(sheet(tmp_path / "a.svg", 3))[0] > size_of(sheet(tmp_path / "b.svg", 1))[0]


def test_unwrapped_phase_is_centred_on_the_tissue():
    pair = PhasePair("a", (IMAGE, IMAGE), HEAD, {"one": (5 * X + 9, 5 * X)})
    first, second = pair.centred()
    np.testing.assert_allclose(first.compressed(), second.compressed(), atol=1e-12)
    assert np.ma.median(first) == pytest.approx(0) and first.mask.sum() == (~HEAD).sum()


def test_a_slice_without_tissue_can_be_drawn(tmp_path):
    assert "<svg" in sheet(tmp_path / "a.svg", inside=~(HEAD | ~HEAD))
