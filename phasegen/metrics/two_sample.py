"""Classifier two-sample test: can real phase be told from synthetic? (Lopez-Paz & Oquab 2017)

The classifier is the mean vote of a logistic regression, for which few slices suffice,
and of extremely randomised trees, which find what is not linear. It is chosen
beforehand: the better of two would lean upwards even between equals.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from phasegen import seeds
from phasegen.metrics.features import slice_features
from phasegen.metrics.halves import HALVINGS, random_halves

FOLDS = 5
REPEATS = 3
TREES = 100


@dataclass(frozen=True)
class TwoSample:
    """Outcome of a test: pairs of one slice of each class, counted by their two subjects."""

    folds: np.ndarray
    """AUROC of every fold, float64 ``(repeat, fold)``."""
    wins: np.ndarray
    """Pairs that the classifier put in the right order, ``(subject, subject)``."""
    pairs: np.ndarray
    """All pairs, likewise."""

    @property
    def auroc(self) -> float:
        """Area under the ROC curve of slices that the classifier has not seen."""
        return float(self.wins.sum() / self.pairs.sum())

    def resampled(self, weights: np.ndarray) -> np.ndarray:
        """AUROC under other weights ``(replicate, subject)`` of the subjects, sorted by name."""
        wins, pairs = (((weights @ m) * weights).sum(axis=-1) for m in (self.wins, self.pairs))
        return wins / pairs


def classifier_auroc(
    real: np.ndarray, synthetic: np.ndarray, magnitude: np.ndarray, subjects: np.ndarray, seed: int
) -> TwoSample:
    """Real against synthetic phase of the same magnitudes; 0.5 is perfect, 1 is told at sight.

    Args:
        real, synthetic: phase [rad], ``(slice, y, x)``.
        magnitude: likewise.
        subjects: name of each slice's subject; all slices of a subject are in one fold.
    """
    first, second = (slice_features(phase, magnitude).to_numpy() for phase in (real, synthetic))
    return compare(first, second, subjects, seed)


def halves_auroc(
    real: np.ndarray,
    magnitude: np.ndarray,
    subjects: np.ndarray,
    seed: int,
    halvings: int = HALVINGS,
) -> TwoSample:
    """The floor: one random half of the subjects against the other, over many halvings."""
    return compare_halves(slice_features(real, magnitude).to_numpy(), subjects, seed, halvings)


def compare(first: np.ndarray, second: np.ndarray, subjects: np.ndarray, seed: int) -> TwoSample:
    """Test of two sets of features ``(slice, feature)`` of the same slices."""
    features, owners = np.concatenate([first, second]), np.concatenate([subjects, subjects])
    positive = np.arange(len(features)) >= len(first)
    random = seeds.generator(seed, "two-sample")
    return _together([_cross_validate(features, positive, owners, random) for _ in range(REPEATS)])


def compare_halves(
    features: np.ndarray, subjects: np.ndarray, seed: int, halvings: int
) -> TwoSample:
    """Test of one set of features, the subjects parted at random."""
    random = seeds.generator(seed, "halves")
    names, owners = np.unique(subjects, return_inverse=True)
    halves = random_halves(len(names), random, halvings)
    return _together([_cross_validate(features, h[owners], subjects, random) for h in halves])


def _classifier(state: int) -> ClassifierMixin:
    line = LogisticRegression(class_weight="balanced", max_iter=5000)
    trees = ExtraTreesClassifier(TREES, class_weight="balanced", random_state=state)
    members = [("line", make_pipeline(StandardScaler(), line)), ("trees", trees)]
    return VotingClassifier(members, voting="soft")


def _cross_validate(
    features: np.ndarray, positive: np.ndarray, subjects: np.ndarray, random: np.random.Generator
) -> TwoSample:
    """Pairs are of one fold: scores of two classifiers do not compare."""
    names, owners = np.unique(subjects, return_inverse=True)
    folds = min(FOLDS, *(len(np.unique(owners[positive == side])) for side in (True, False)))
    state = int(random.integers(2**31))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
    tests = []
    for train, test in splitter.split(features, positive, owners):
        model = _classifier(state).fit(features[train], positive[train])
        scores = model.predict_proba(features[test])[:, 1]
        tests.append(_count_pairs(scores, positive[test], owners[test], names.size))
    wins, pairs = np.sum(tests, axis=0)
    areas = [w.sum() / p.sum() for w, p in tests]
    return TwoSample(np.array([areas]), wins, pairs)


def _count_pairs(
    scores: np.ndarray, positive: np.ndarray, owners: np.ndarray, subjects: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs in the right order, ties half, and all pairs: two ``(subject, subject)``."""
    gap = scores[positive][:, None] - scores[~positive]
    place = owners[positive][:, None], owners[~positive]
    wins, pairs = np.zeros((2, subjects, subjects))
    np.add.at(wins, place, (np.sign(gap) + 1) / 2)
    np.add.at(pairs, place, 1)
    return wins, pairs


def _together(tests: list[TwoSample]) -> TwoSample:
    return TwoSample(
        np.concatenate([test.folds for test in tests]),
        sum(test.wins for test in tests),
        sum(test.pairs for test in tests),
    )
