"""Replicates of a crossed mean vary as the mean itself would."""

import numpy as np
import pytest
from scipy.stats import t

from phasegen.metrics.intervals import crossed_means

WIDENED = {units: t.ppf(0.975, units - 1) / 1.959964 for units in (4, 8, 20)}


@pytest.mark.parametrize("subjects", WIDENED)
def test_subjects_alone_give_the_standard_error_widened_as_students_law(subjects):
    values = np.random.default_rng(0).normal(size=(1, subjects))
    replicates = crossed_means(values, np.random.default_rng(1), 40_000)
    error = values.std(ddof=1) / np.sqrt(subjects)
    assert replicates.std() == pytest.approx(WIDENED[subjects] * error, rel=0.02)
    assert replicates.mean() == pytest.approx(values.mean(), abs=0.03 * error)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_seeds_and_subjects_add_their_variances(seeds):
    random = np.random.default_rng(2)
    effects = random.normal(size=(seeds, 1)), random.normal(size=(1, 20))
    replicates = crossed_means(effects[0] + effects[1], np.random.default_rng(3), 40_000)
    variance = sum(effect.var(ddof=1) / effect.size for effect in effects)
    assert replicates.std() == pytest.approx(WIDENED[20] * np.sqrt(variance), rel=0.02)


def test_equal_cells_do_not_vary_and_unknown_ones_are_left_out():
    cells = np.full((3, 6), 0.5)
    cells[0, 2] = cells[1, 4] = np.nan
    np.testing.assert_allclose(crossed_means(cells, np.random.default_rng(4), 100), 0.5)
