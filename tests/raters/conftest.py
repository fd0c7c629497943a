"""A head of ellipses: brain, a dark skull, a bright scalp, and noise."""

import numpy as np
import pytest

SPACING = (5.0, 3.0, 3.0)


@pytest.fixture(scope="session")
def head():
    """Magnitude float32 (slice 18, y 72, x 64) of voxels of `SPACING`, and the brain in it."""
    z, y, x = np.indices((18, 72, 64), dtype=float)
    place = [(z - 6) * 5.0, (y - 36) * 3.0, (x - 32) * 3.0]

    def ellipsoid(height, length, width):
        axes = (height, length, width)
        return sum((p / a) ** 2 for p, a in zip(place, axes, strict=True)) < 1

    brain = ellipsoid(70, 80, 62)
    image = 0.7 * ellipsoid(88, 98, 80)
    image[ellipsoid(82, 92, 74)] = 0.05
    image[brain] = 1.0
    noise = np.random.default_rng(0).normal(0, 0.02, image.shape)
    return np.abs(image + noise).astype(np.float32), brain
