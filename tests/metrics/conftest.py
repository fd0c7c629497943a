"""Slices that obey the law of real ones: smooth phase, and noise with one over the magnitude."""

from typing import NamedTuple

import numpy as np
import pytest

SUBJECTS, SLICES, SIZE = 12, 4, 32
Y, X = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]


class Cohort(NamedTuple):
    magnitude: np.ndarray
    phase: np.ndarray
    subjects: np.ndarray


def draw_head(random):
    texture = 1 + 0.3 * np.sin(random.uniform(5, 9) * X + random.uniform(0, 6)) * np.cos(7 * Y)
    inside = np.hypot(X / random.uniform(0.6, 0.8), Y / random.uniform(0.75, 0.95)) < 1
    return inside * texture


def draw_images(heads, random):
    terms = np.stack([X**0, X, Y, X * Y, X * X, Y * Y])
    weights = random.normal(0, [3, 0.6, 0.6, 0.4, 0.4, 0.4], (len(heads), 6))
    noise = random.normal(0, 0.03, (2, *heads.shape))
    return heads * np.exp(1j * np.tensordot(weights, terms, axes=1)) + noise[0] + 1j * noise[1]


@pytest.fixture(scope="session")
def heads():
    random = np.random.default_rng(4)
    return np.stack([draw_head(random) for _ in range(SUBJECTS * SLICES)])


@pytest.fixture(scope="session")
def cohort(heads):
    images = draw_images(heads, np.random.default_rng(5))
    subjects = np.repeat([f"sub-{n:02d}" for n in range(SUBJECTS)], SLICES)
    return Cohort(np.abs(images).astype("f4"), np.angle(images).astype("f4"), subjects)


@pytest.fixture(scope="session")
def same_law(heads):
    """Another draw of phase [rad] by the law of the cohort's."""
    return np.angle(draw_images(heads, np.random.default_rng(6))).astype("f4")
