"""How subjects differ: an affine map, an elastic map, and traits of skull, fat and sinuses."""

from dataclasses import dataclass

import numpy as np

from phasegen.mri.template import Points

CENTRE = np.array([0.0, -20.0, 10.0])
"""Point of the template that stays in place under the affine map [mm]."""

HEAD_OCTAVES = ((64.0, 7.0), (40.0, 2.5))
"""Spacing of the control points and standard deviation of their displacement [mm]; the spline
smooths them, so that points move by about a third of it."""

BRAIN_OCTAVES = ((20.0, 3.6), (11.0, 1.6))
"""The same for what the brain does within its skull."""


@dataclass(frozen=True)
class Traits:
    """Numbers that tell one head from another, all in mm but for the shares."""

    skull: float
    scalp_fat: float
    sinus: float
    """Size of the frontal and sphenoid sinuses against the average."""
    sulci: float
    """Shift of the CSF threshold: wide sulci above 0."""
    eye: float
    """Radius of the globe [mm]."""


@dataclass(frozen=True)
class Lattice:
    """A random field, smooth as a cubic B-spline, with control points on a cubic lattice."""

    control: np.ndarray
    """float32, shape (components, z, y, x)."""
    spacing: float
    """Distance of the control points [mm]."""
    origin: tuple[float, float, float]
    """Position of the first control point, x, y, z [mm]."""

    def on_grid(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Field at all combinations of three coordinate vectors, (components, z, y, x)."""
        field = self.control
        for axis, position, start in zip((1, 2, 3), (z, y, x), self.origin[::-1], strict=True):
            field = _spline_axis(field, axis, (position - start) / self.spacing)
        return field


@dataclass(frozen=True)
class Anatomy:
    """One subject: where its points lie in the template, and its traits."""

    matrix: np.ndarray
    """Subject to template, float64 (3, 3)."""
    head: tuple[Lattice, ...]
    """Displacements [mm] that are added, three components each (x, y, z)."""
    brain: tuple[Lattice, ...]
    """More of them, for the brain alone."""
    texture: Lattice
    """Two components of standard deviation near 1: folds of the cortex, cells of bone."""
    traits: Traits

    def points(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[Points, Points]:
        """Template coordinates of a grid of subject coordinates [mm]: of the head, of the brain.

        Each coordinate is float32 of shape (z, y, x).
        """
        grid = np.meshgrid(z - CENTRE[2], y - CENTRE[1], x - CENTRE[0], indexing="ij", sparse=True)
        rows = [
            sum(self.matrix[row, column] * grid[2 - column] for column in range(3)) + CENTRE[row]
            for row in range(3)
        ]
        shift = sum(lattice.on_grid(x, y, z) for lattice in self.head)
        head = np.asarray(rows, np.float32) + shift
        brain = head + sum(lattice.on_grid(x, y, z) for lattice in self.brain)
        return tuple(head), tuple(brain)

    def level(self, z: float) -> float:
        """Height in the subject of a template height [mm], the elastic part left out."""
        return float(CENTRE[2] + (z - CENTRE[2]) / self.matrix[2, 2])


def draw(random: np.random.Generator) -> Anatomy:
    """A random subject."""
    return Anatomy(
        matrix=_affine(random),
        head=tuple(_lattice(random, 3, *octave) for octave in HEAD_OCTAVES),
        brain=tuple(_lattice(random, 3, *octave) for octave in BRAIN_OCTAVES),
        texture=_lattice(random, 2, 5.0, 2.8),
        traits=Traits(
            skull=random.uniform(5.5, 8.0),
            scalp_fat=random.uniform(1.5, 4.0),
            sinus=random.uniform(0.6, 1.25),
            sulci=random.normal(0.0, 6.0),
            eye=random.uniform(11.7, 12.7),
        ),
    )


def _affine(random: np.random.Generator) -> np.ndarray:
    """Turns of a few degrees and scales about the MNI brain, which is larger than most."""
    turn = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(random.normal(0.0, (3.0, 1.5, 3.0)))):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[first, first] = step[second, second] = np.cos(angle)
        step[first, second], step[second, first] = -np.sin(angle), np.sin(angle)
        turn = turn @ step
    scale = random.normal(0.965, 0.02) * (1.0 + random.normal(0.0, 0.025, 3))
    return turn / scale


def _lattice(random: np.random.Generator, parts: int, spacing: float, sigma: float) -> Lattice:
    """Normal control points that cover the head with room to spare."""
    low, high = np.array([-130.0, -160.0, -160.0]), np.array([130.0, 130.0, 130.0])
    counts = np.ceil((high - low) / spacing).astype(int) + 1
    control = random.normal(0.0, sigma, (parts, *counts[::-1])).astype(np.float32)
    return Lattice(control, spacing, tuple(low))


def _spline_axis(field: np.ndarray, axis: int, position: np.ndarray) -> np.ndarray:
    """Cubic B-spline along one axis at fractional positions; edges are repeated."""
    first = np.floor(position).astype(int)
    t = (position - first).astype(np.float32)
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    shape = [-1 if dim == axis else 1 for dim in range(field.ndim)]
    taps = (
        np.take(field, first + offset, axis, mode="clip") * weight.reshape(shape)
        for offset, weight in zip((-1, 0, 1, 2), weights, strict=True)
    )
    return sum(taps)
