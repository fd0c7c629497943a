import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegen.sources.sampling import sampling


def lines(rows: int, columns: int, first: int = 0, last: int | None = None) -> np.ndarray:
    measured = np.zeros((rows, columns), bool)
    measured[:, first:last] = True
    return measured


@pytest.mark.parametrize("shape", [(8, 12), (7, 13), (1, 1), (1, 12)])
def test_all_measured_is_full(shape):
    assert sampling(np.ones(shape, bool)) == "full"


@given(st.integers(4, 64), st.integers(0, 20))
def test_zero_padding_at_both_ends_is_full(measured, padded):
    """Padding keeps the zero frequency at ``n // 2`` and whatever was measured about it."""
    plane = np.zeros((4, measured + padded), bool)
    first = (measured + padded) // 2 - measured // 2
    plane[:, first : first + measured] = True
    assert sampling(plane) == "full"
    assert sampling(plane.T) == "full"


@pytest.mark.parametrize("columns", [12, 13])
@pytest.mark.parametrize(("first", "last"), [(2, None), (3, None), (0, -2), (0, -3), (1, -4)])
def test_lines_missing_at_one_end_are_partial_fourier(columns, first, last):
    plane = lines(8, columns, first, last)
    assert sampling(plane) == "partial Fourier"
    assert sampling(plane.T) == "partial Fourier"


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (9, 9), (64, 48), (218, 170)])
def test_corners_may_be_cut_off(rows, columns):
    y, x = np.ogrid[:rows, :columns]
    inside = (2 * (y - rows // 2) / rows) ** 2 + (2 * (x - columns // 2) / columns) ** 2 <= 1
    assert sampling(inside) == "full"
    assert sampling(inside & (y < 0.7 * rows)) == "partial Fourier"


def test_nothing_tells_nothing():
    assert sampling(np.zeros((8, 12), bool)) == "full"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (np.s_[:, 4], "1 of 12 neighbouring lines"),
        (np.s_[5], "1 of 8 neighbouring lines"),
        (np.s_[:, 1::2], "5 of 11 neighbouring lines"),
        (np.s_[:, :7], "the centre of k-space"),
    ],
)
def test_missing_lines_are_undersampling(missing, reason):
    plane = np.ones((8, 12), bool)
    plane[missing] = False
    with pytest.raises(ValueError, match=reason):
        sampling(plane)


def test_missing_points_are_undersampling():
    rng = np.random.default_rng(0)
    plane = rng.random((218, 170)) < 0.2
    plane[100:118, 76:94] = True
    with pytest.raises(ValueError, match=r"only 2\d% of its points"):
        sampling(plane)
