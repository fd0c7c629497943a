"""The classifier is at a loss between equals and certain about the baselines."""

import numpy as np
import pytest

from phasegen.diffusion.baselines import BASELINES
from phasegen.metrics.features import slice_features
from phasegen.metrics.two_sample import classifier_auroc, halves_auroc


@pytest.mark.parametrize("baseline", ["none", "naive"])
def test_baselines_are_told_from_real(cohort, baseline):
    random = np.random.default_rng(0)
    phase = np.stack([BASELINES[baseline](m, random) for m in cohort.magnitude])
    test = classifier_auroc(cohort.phase, phase, cohort.magnitude, cohort.subjects, 0)
    assert test.auroc >= 0.95
    assert test.folds.shape == (3, 5)


def test_halves_of_the_real_data_are_not_told_apart(cohort):
    test = halves_auroc(cohort.phase, cohort.magnitude, cohort.subjects, 0, halvings=5)
    assert 0.4 < test.auroc < 0.6
    weights = np.ones((1, len(test.wins)))
    assert test.resampled(weights) == pytest.approx(test.auroc)


def test_subjects_that_differ_are_no_difference_between_halves(cohort):
    """Without folds by subject every subject would give its half away."""
    phase = cohort.phase.copy()
    for number, name in enumerate(np.unique(cohort.subjects)):
        phase[cohort.subjects == name] *= 1 + number / 2
    test = halves_auroc(phase, cohort.magnitude, cohort.subjects, 0, halvings=5)
    assert 0.35 < test.auroc < 0.65


def test_a_little_more_noise_is_seen(cohort):
    random = np.random.default_rng(0)
    noisy = cohort.phase + random.normal(0, 0.06, cohort.phase.shape).astype(np.float32)
    test = classifier_auroc(cohort.phase, noisy, cohort.magnitude, cohort.subjects, 0)
    assert test.auroc > 0.8


def test_another_draw_of_the_same_law_is_not_told_apart(cohort, same_law):
    test = classifier_auroc(cohort.phase, same_law, cohort.magnitude, cohort.subjects, 0)
    assert 0.4 < test.auroc < 0.6


def test_the_seed_decides(cohort):
    arrays = cohort.phase, cohort.magnitude, cohort.subjects
    first, again, other = (halves_auroc(*arrays, seed, halvings=1) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.folds, again.folds)
    assert not np.array_equal(first.folds, other.folds)


def test_a_global_phase_changes_no_feature(cohort):
    """Gradients of exactly half a turn may fall to either side: none of them here."""
    turned = np.angle(np.exp(1j * (cohort.phase + 2.1))).astype(np.float32)
    first, second = (slice_features(p, cohort.magnitude) for p in (cohort.phase, turned))
    np.testing.assert_allclose(first, second, rtol=2e-3, atol=2e-3)


def test_a_slice_without_tissue_is_refused(cohort):
    with pytest.raises(ValueError, match="without tissue"):
        slice_features(cohort.phase[:2], cohort.magnitude[:2] * np.array([1, 0])[:, None, None])
