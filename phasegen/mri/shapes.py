"""Signed distances to simple bodies [mm], negative inside, and how to combine them.

After the collection of Inigo Quilez (https://iquilezles.org/articles/distfunctions/).
"""

import numpy as np

from phasegen.mri.template import Points

Vector = tuple[float, float, float]


def ellipsoid(points: Points, centre: Vector, radii: Vector) -> np.ndarray:
    """Distance to an ellipsoid, exact to first order at its surface."""
    scaled = [(p - c) / r for p, c, r in zip(points, centre, radii, strict=True)]
    norm = np.sqrt(sum(s * s for s in scaled))
    slope = np.sqrt(sum((s / r) ** 2 for s, r in zip(scaled, radii, strict=True)))
    return norm * (norm - 1.0) / np.maximum(slope, 1e-6)


def cone(
    points: Points, start: Vector, end: Vector, radius: float, end_radius: float
) -> np.ndarray:
    """Distance to a rod with round ends whose radius changes linearly (a capsule if equal)."""
    axis = [e - s for s, e in zip(start, end, strict=True)]
    offset = [p - s for p, s in zip(points, start, strict=True)]
    along = sum(o * a for o, a in zip(offset, axis, strict=True)) / sum(a * a for a in axis)
    along = np.clip(along, 0.0, 1.0)
    gap = np.sqrt(sum((o - along * a) ** 2 for o, a in zip(offset, axis, strict=True)))
    return gap - (radius + (end_radius - radius) * along)


def union(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    """Union of two bodies whose seam is rounded over ``width`` [mm]."""
    blend = np.maximum(width - np.abs(first - second), 0.0) / width
    return np.minimum(first, second) - blend * blend * width * 0.25


def coverage(distance: np.ndarray, width: float) -> np.ndarray:
    """Share of a voxel of ``width`` [mm] that lies inside, 0 to 1, float32."""
    return np.clip(0.5 - distance / width, 0.0, 1.0).astype(np.float32)
