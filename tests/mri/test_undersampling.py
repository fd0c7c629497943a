"""Masks are those of fastMRI for the same random numbers, and keep the share that they state."""

import warnings

import numpy as np
import pytest

from phasegen import seeds
from phasegen.errors import UserError
from phasegen.mri.undersampling import (
    centre_block,
    fixed_mask,
    line_mask,
    on_grid,
    training_masks,
    undersample,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its imports warn
    from fastmri.data import subsample

CHALLENGE = [(4, 0.08), (8, 0.04)]
ORACLES = {
    "random": subsample.RandomMaskFunc,
    "equispaced": subsample.EquiSpacedMaskFunc,
    "equispaced_fixed": subsample.EquispacedMaskFractionFunc,
}
FIXED = ["random_fixed", "equispaced_fixed"]
KINDS = ["random", "random_fixed", "equispaced", "equispaced_fixed"]
SIZES = [63, 64, 320, 321, 368, 372]


class Draws:
    """Gives fastMRI's functions the numbers of a NumPy generator."""

    def __init__(self, generator):
        self.generator = generator

    def uniform(self, size):
        return self.generator.random(size)

    def randint(self, low, high=None):
        if high is None:  # which of the one pair of factor and centre
            return 0
        return int(self.generator.integers(low, high))


def oracle(lines, kind, factor, centre, generator):
    function = ORACLES[kind]([centre], [factor])
    function.rng = Draws(generator)
    mask, count = function((1, lines, 2))
    return mask.numpy().ravel().astype(bool), count


def masks(lines, kind, factor, centre, count, seed=0):
    return training_masks(lines, kind, factor, centre, count, np.random.default_rng(seed))


@pytest.mark.parametrize(("factor", "centre"), CHALLENGE)
@pytest.mark.parametrize("kind", ["random", "equispaced"])
@pytest.mark.parametrize("lines", SIZES)
def test_masks_are_those_of_fastmri(lines, kind, factor, centre):
    for seed in range(40):
        expected, _ = oracle(lines, kind, factor, centre, np.random.default_rng(seed))
        ours = line_mask(lines, kind, factor, centre, np.random.default_rng(seed))
        assert ours.dtype == bool
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(("factor", "centre"), CHALLENGE)
@pytest.mark.parametrize("lines", SIZES)
def test_wider_spacing_is_fastmri_s_but_for_the_outermost_lines(lines, factor, centre):
    equal = 0
    for seed in range(40):
        expected, _ = oracle(lines, "equispaced_fixed", factor, centre, np.random.default_rng(seed))
        ours = line_mask(lines, "equispaced_fixed", factor, centre, np.random.default_rng(seed))
        changed = np.flatnonzero(ours != expected)
        missed = round(lines / factor) - np.count_nonzero(expected)
        assert len(changed) == abs(missed) <= 2
        assert (ours[changed] == (missed > 0)).all()
        assert (np.abs(changed - lines // 2) >= lines // 2 - 2 * factor).all()
        equal += not len(changed)
    assert equal > 0


@pytest.mark.parametrize(("factor", "centre"), [*CHALLENGE, (1, 0.08), (3, 0.1)])
@pytest.mark.parametrize("kind", FIXED)
@pytest.mark.parametrize("lines", SIZES)
def test_fixed_kinds_have_the_exact_share(lines, kind, factor, centre):
    drawn = masks(lines, kind, factor, centre, 200)
    assert set(np.count_nonzero(drawn, axis=1)) == {round(lines / factor)}


@pytest.mark.parametrize(("factor", "centre"), CHALLENGE)
@pytest.mark.parametrize("lines", [320, 321])
def test_random_masks_have_the_share_in_expectation(lines, factor, centre):
    share = masks(lines, "random", factor, centre, 10_000).mean()
    assert abs(100 * share - 100 / factor) < 0.2


@pytest.mark.parametrize(("factor", "centre"), CHALLENGE)
def test_equispaced_masks_have_the_centre_on_top_of_the_share(factor, centre):
    lines = 320
    inner = round(lines * centre)
    expected = (inner + (lines - inner) / factor) / lines
    share = masks(lines, "equispaced", factor, centre, 10_000).mean()
    assert abs(100 * share - 100 * expected) < 0.2


@pytest.mark.parametrize("kind", ["random", "random_fixed"])
def test_random_lines_are_as_frequent_anywhere_outside_the_centre(kind):
    drawn = masks(64, kind, 4, 0.08, 10_000).mean(axis=0)
    outside = np.delete(drawn, np.arange(64)[centre_block(64, 0.08)])
    np.testing.assert_allclose(outside, (16 - 5) / (64 - 5), atol=0.02)


@pytest.mark.parametrize(("factor", "centre"), CHALLENGE)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lines", SIZES)
def test_the_centre_is_always_there_and_is_fastmri_s(lines, kind, factor, centre):
    function = subsample.RandomMaskFunc([centre], [factor])
    middle = function.calculate_center_mask((1, lines, 2), round(lines * centre)).astype(bool)
    block = np.zeros(lines, bool)
    block[centre_block(lines, centre)] = True
    np.testing.assert_array_equal(block, middle)
    assert block[lines // 2]
    assert masks(lines, kind, factor, centre, 50)[:, block].all()


@pytest.mark.parametrize(
    ("lines", "count", "before", "after"),
    [(64, 5, 2, 2), (63, 5, 2, 2), (64, 6, 3, 2), (63, 6, 2, 3)],
)
def test_where_the_centre_lies(lines, count, before, after):
    block = centre_block(lines, count / lines)
    assert (lines // 2 - block.start, block.stop - 1 - lines // 2) == (before, after)


@pytest.mark.parametrize("kind", KINDS)
def test_a_volume_has_its_mask_for_ever(kind):
    def mask(*volume, number=None, seed=3):
        return fixed_mask(320, kind, 4, 0.08, seed, volume, number)

    first = mask("sub-1", "s_T1w")
    np.testing.assert_array_equal(mask("sub-1", "s_T1w"), first)
    stream = seeds.generator(3, "undersampling", "sub-1", "s_T1w")
    np.testing.assert_array_equal(line_mask(320, kind, 4, 0.08, stream), first)
    others = [mask(f"sub-{n}", "s_T1w") for n in range(2, 12)]
    others += [mask("sub-1", f"s{n}_T1w") for n in range(10)]
    others += [mask("sub-1", "s_T1w", number=n) for n in range(10)]
    others += [mask("sub-1", "s_T1w", seed=n) for n in range(10, 20)]
    fewest = 4 if kind.startswith("equispaced") else 40  # as many as there are offsets
    assert len({other.tobytes() for other in others}) >= fewest


def test_training_draws_anew_for_each_slice():
    drawn = masks(320, "random", 4, 0.08, 50)
    assert drawn.shape == (50, 320)
    assert len({mask.tobytes() for mask in drawn}) == 50
    np.testing.assert_array_equal(drawn, masks(320, "random", 4, 0.08, 50))


@pytest.mark.parametrize(
    ("lines", "kind", "factor", "centre", "message"),
    [
        (12, "random", 4, 0.04, "of 12 lines is none; take a larger centre"),
        (64, "equispaced", 4, 0.0, "is none"),
        (64, "random", 4, 0.25, "takes 16 of 64 lines, which at factor 4 leaves none outside"),
        (64, "random_fixed", 8, 0.2, "leaves none outside"),
        (64, "equispaced_fixed", 8, 0.125, "leaves none outside"),
        (64, "equispaced", 4, 1.0, "leaves none outside"),
        (64, "radial", 4, 0.08, "radial is no kind of mask; there are random, random_fixed"),
        (64, "random", 0, 0.08, "whole number from 1, not 0"),
        (64, "random", 2.5, 0.08, "whole number from 1, not 2.5"),
    ],
)
def test_what_leaves_no_lines_is_refused(lines, kind, factor, centre, message):
    with pytest.raises(UserError, match=message):
        line_mask(lines, kind, factor, centre, np.random.default_rng(0))


def test_a_large_centre_goes_with_equal_spacing():
    assert line_mask(64, "equispaced", 16, 0.25, np.random.default_rng(0)).sum() >= 16


@pytest.fixture
def kspace():
    random = np.random.default_rng(1)
    shape = (3, 2, 12, 16)
    return (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(np.complex64)


@pytest.mark.parametrize("axis", ["ky", "kx"])
@pytest.mark.parametrize("each", [False, True])
def test_lines_that_are_not_measured_are_zero(kspace, axis, each):
    position = ("slice", "coil", "ky", "kx").index(axis)
    shape = (3, kspace.shape[position]) if each else (kspace.shape[position],)
    mask = np.random.default_rng(2).random(shape) < 0.5
    found = undersample(kspace, mask, axis)
    assert found.dtype == np.complex64 and found.shape == kspace.shape
    for number in range(3):
        own = mask[number] if each else mask
        lines, given = (np.moveaxis(part[number], position - 1, 0) for part in (found, kspace))
        np.testing.assert_array_equal(lines[own], given[own])
        assert not lines[~own].any()
    assert on_grid(mask, kspace.shape, axis).ndim == 4


def test_what_is_not_measured_need_not_be_finite(kspace):
    mask = np.arange(16) > 3
    kspace[..., :4] = np.nan
    assert np.isfinite(undersample(kspace, mask)).all()


@pytest.mark.parametrize(
    ("mask", "axis", "message"),
    [
        (np.ones(12, bool), "kx", "not bool of 16 lines along kx"),
        (np.ones((2, 16), bool), "kx", "not bool of 16 lines"),
        (np.ones(16, np.float32), "kx", "mask of float32"),
        (np.ones(16, bool), "slice", "along ky or kx, not slice"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(kspace, mask, axis, message):
    with pytest.raises(ValueError, match=message):
        undersample(kspace, mask, axis)


def test_kspace_of_other_axes_is_refused(kspace):
    with pytest.raises(ValueError, match=r"axes \(slice, coil, ky, kx\)"):
        undersample(kspace[0], np.ones(16, bool))
