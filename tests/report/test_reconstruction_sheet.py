"""The sheet of reconstructions is a picture of what it is given, errors on one common scale."""

import numpy as np
import pytest
from matplotlib.image import imread

from phasegen.report import reconstruction_sheet as module
from phasegen.report.reconstruction_sheet import Example, reconstruction_sheet

SOURCES = ("zerofilling", "phasegen")


def head(size=32):
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return np.where(np.hypot(x, y) < 0.8, 2 + x, 0)


def example(sources=SOURCES, scale=1.0, wrong=0.1):
    target = head()
    images = {name: scale * target * (1 + wrong * (np.arange(32) > 16)) for name in sources}
    return Example("best", target, images, dict.fromkeys(sources, 20.0))


def drawn(folder, examples, name="a.png"):
    reconstruction_sheet(examples, folder / name)
    return imread(folder / name)


def test_a_slice_has_two_rows_and_a_source_a_column(tmp_path):
    one, two, three = (
        drawn(tmp_path, examples).shape
        for examples in ([example()], [example()] * 2, [example((*SOURCES, "original"))])
    )
    assert two[0] > 1.8 * one[0] and two[1] == one[1]
    assert three[1] > one[1] and three[0] == one[0]


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_the_scale_of_a_reconstruction_does_not_matter(tmp_path, scale):
    pictures = [drawn(tmp_path, [example(scale=s)]) for s in (1.0, scale)]
    np.testing.assert_array_equal(*pictures)


def test_errors_of_all_slices_are_on_one_scale(tmp_path, monkeypatch):
    tops = []
    maps = module._error_maps
    monkeypatch.setattr(
        module,
        "_error_maps",
        lambda line, e, top: (tops.append((e.max(), top)), maps(line, e, top)),
    )
    drawn(tmp_path, [example(wrong=0.1), example(wrong=0.4)])
    (small, first), (large, second) = tops
    assert first == second and small < large / 2 and first > small


def test_errors_are_shares_of_the_maximum():
    target = head()
    scaled = example()
    fitted = np.stack([target, target + 0.5])
    errors = module._errors(scaled, fitted)
    assert errors[0].max() == 0
    np.testing.assert_allclose(errors[1], 0.5 / target.max())


def test_what_is_reconstructed_is_seen(tmp_path):
    pictures = [drawn(tmp_path, [example(wrong=wrong)]) for wrong in (0.1, 0.3)]
    assert (pictures[0] != pictures[1]).any()
    again = drawn(tmp_path, [example(wrong=0.1)])
    np.testing.assert_array_equal(again, pictures[0])


def test_blank_images_can_be_drawn(tmp_path):
    nothing = np.zeros((16, 16))
    blank = Example("blank", nothing, {"none": nothing}, {"none": np.nan})
    assert drawn(tmp_path, [blank]).std() > 0.05
