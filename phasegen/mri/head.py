"""The head as fractions of tissues: the template's brain, and skull, scalp and face built round it.

Bodies are painted one over the other at any set of points; positions are MNI coordinates [mm].
Left and right are mirrored by taking ``abs(x)``; the elastic map makes the sides differ.
"""

import numpy as np

from phasegen.mri.anatomy import Traits
from phasegen.mri.shapes import cone, coverage, ellipsoid, union
from phasegen.mri.template import OUTSIDE, Points, Template
from phasegen.mri.tissues import Tissue

GREY_AND_CSF = (92.0, 150.0)
"""T1 template: all CSF below the first, none above the second."""

GREY_AND_WHITE = (174.0, 210.0)
"""T1 template: no white matter below the first, only white matter above the second."""

FAR = 99.0
"""Distance [mm] that stands for any place outside the skull."""


class Canvas:
    """Fractions of all tissues at some points; what is painted last lies on top."""

    def __init__(self, shape: tuple[int, ...], width: float) -> None:
        self.fractions = np.zeros((len(Tissue), *shape), np.float32)
        self.width = width

    def body(self, tissue: Tissue | None, distance: np.ndarray, share: float = 1.0) -> None:
        """Paint the inside of a body with a tissue, or with air (None)."""
        self.paint(tissue, share * coverage(distance, self.width))

    def paint(self, tissue: Tissue | None, alpha: np.ndarray) -> None:
        """Paint a tissue over ``alpha`` (0 to 1) of every voxel."""
        rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
        if rows.size == 0:
            return
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        part = self.fractions[:, *box]
        part *= 1 - alpha[box]
        if tissue is not None:
            part[tissue] += alpha[box]


def tissues(
    template: Template,
    traits: Traits,
    points: Points,
    brain_points: Points,
    texture: np.ndarray,
    width: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Fractions of the tissues in one thin slice, and the share of brain.

    Args:
        points: template coordinates of the head, float32 (y, x) each [mm].
        brain_points: the same for the brain, which is folded more.
        texture: random fields of unit variance, (2, y, x).
        width: size of a voxel, which softens edges [mm].

    Returns:
        fractions: float32 (len(Tissue), y, x), each 0 to 1; the rest to one is air.
        brain: float32 (y, x), 0 to 1, sulci and ventricles included.
    """
    canvas = Canvas(points[0].shape, width)
    skull = template.skull.at(points)
    mirrored = (np.abs(points[0]), points[1], points[2])
    thickness = _skull_thickness(traits, points)
    outer = _outer_table(template, points, skull, thickness)
    depth = _depth(traits, mirrored, outer)
    if not (depth > -width).any():
        return canvas.fractions, np.zeros(points[0].shape, np.float32)
    _scalp(canvas, traits, mirrored, depth, texture[1])
    brain = template.brain.at_some(brain_points, skull < width, FAR)
    _vault(canvas, skull, outer, texture[1])
    canvas.body(Tissue.CSF, np.maximum(skull, brain - 4 - np.maximum(points[2] + 25, 0)))
    if points[2].min() < 20:
        _base(canvas, mirrored, skull, depth, texture[1])
        _sinuses(canvas, traits, points, skull, depth, texture[1])
        _orbits(canvas, traits, mirrored, skull)
    inside = coverage(skull, width) * coverage(brain, 2.0)
    if inside.any():
        t1 = template.t1.at_some(brain_points, inside > 0, OUTSIDE)
        _brain(canvas, t1 - traits.sulci, texture[0], inside)
    return canvas.fractions, inside


def _skull_thickness(traits: Traits, points: Points) -> np.ndarray:
    """Thickness of the skull [mm]: thick at forehead and occiput, thin at the temples and base."""
    x, y, z = points
    along = np.clip(np.abs(y + 15) / 90, 0, 1)
    temple = np.exp(-(((np.abs(x) - 70) / 22) ** 2) - ((y - 20) / 45) ** 2 - ((z + 5) / 35) ** 2)
    upper = np.clip((z + 30) / 25, 0.35, 1)
    lower = np.where(y < 0, 1.0, upper)
    return traits.skull * (0.85 + 0.3 * along * along - 0.4 * temple) * lower


def _outer_table(
    template: Template, points: Points, skull: np.ndarray, thickness: np.ndarray
) -> np.ndarray:
    """Signed distance to the outer table [mm]: round at the vault and behind, close at the base."""
    _, y, z = points
    round_share = np.clip(np.maximum((z + 15) / 20, (-10 - y) / 30), 0, 1)
    vault = np.minimum(template.vault.at(points), skull)
    return round_share * vault + (1 - round_share) * skull - thickness


def _depth(traits: Traits, mirrored: Points, outer: np.ndarray) -> np.ndarray:
    """Depth under the skin [mm], negative in air: cranium, face, temples, ears, neck."""
    x, _, z = mirrored
    scalp = traits.scalp_fat + 3.2
    side = np.clip((x - 45) / 25, 0, 1) * np.clip((10 - z) / 30, 0, 1)
    outside = outer - scalp - 2.5 * side
    outside = union(outside, ellipsoid(mirrored, (0, -32, -110), (64, 72, 82)), 12.0)
    if z.min() < 20:
        outside = union(outside, ellipsoid(mirrored, (0, 8, -66), (78, 76, 62)), 14.0)
        outside = union(outside, ellipsoid(mirrored, (60, 20, -36), (17, 36, 42)), 10.0)
        outside = union(outside, ellipsoid(mirrored, (0, 74, -52), (13, 15, 30)), 8.0)
        outside = union(outside, ellipsoid(mirrored, (36, 58, -35), (15, 14, 15)), 8.0)
        outside = union(outside, ellipsoid(mirrored, (82, -34, -36), (5, 13, 24)), 3.0)
    return -outside


def _scalp(
    canvas: Canvas, traits: Traits, mirrored: Points, depth: np.ndarray, texture: np.ndarray
) -> None:
    """Muscle all through, under a layer of fat with strands of tissue, under the skin."""
    x, y, z = mirrored
    low = np.clip((5 - z) / 30, 0, 1)
    fat = traits.scalp_fat * (1 + low * (1.2 * np.clip((x - 40) / 30, 0, 1) + 0.8 * (y < -60)))
    canvas.body(Tissue.SKIN, -depth)
    strands = np.clip(0.8 + 0.15 * texture, 0.3, 1)
    canvas.paint(Tissue.FAT, coverage(1.8 - depth, canvas.width) * strands)
    canvas.body(Tissue.MUSCLE, 1.8 + fat - depth)
    canvas.paint(Tissue.FAT, coverage(-depth, canvas.width) * np.clip(0.12 * texture - 0.06, 0, 1))


def _vault(canvas: Canvas, skull: np.ndarray, outer: np.ndarray, texture: np.ndarray) -> None:
    """Skull of two tables with marrow between them."""
    canvas.body(Tissue.BONE, outer)
    diploe = np.maximum(outer, -skull) + 1.8
    canvas.paint(
        Tissue.MARROW, coverage(diploe, canvas.width) * np.clip(0.75 + 0.35 * texture, 0, 1)
    )


def _base(
    canvas: Canvas, mirrored: Points, skull: np.ndarray, depth: np.ndarray, texture: np.ndarray
) -> None:
    """Petrous bones, mastoid air cells, ear canals and the clivus."""
    petrous = cone(mirrored, (66, -32, -40), (16, -8, -40), 11.0, 5.0)
    mastoid = ellipsoid(mirrored, (63, -36, -44), (11, 16, 22))
    bone = np.maximum(union(petrous, mastoid, 5.0), 8.0 - depth)
    canvas.body(Tissue.BONE, bone)
    clivus = cone(mirrored, (0, 8, -36), (0, -14, -62), 7.0, 7.0)
    canvas.body(Tissue.BONE, clivus)
    canvas.body(Tissue.MARROW, clivus + 2.0, 0.8)
    cells = np.maximum(union(mastoid, petrous + 5.0, 4.0) + 3.0, -1.4 * texture)
    canvas.body(None, np.maximum(cells, 8.0 - depth))
    canvas.body(None, cone(mirrored, (92, -25, -46), (50, -22, -44), 3.5, 3.5))


def _sinuses(
    canvas: Canvas,
    traits: Traits,
    points: Points,
    skull: np.ndarray,
    depth: np.ndarray,
    texture: np.ndarray,
) -> None:
    """Air of the frontal, ethmoid, sphenoid and maxillary sinuses, nose and throat, with walls."""
    mirrored = (np.abs(points[0]), points[1], points[2])
    size = traits.sinus
    frontal = ellipsoid(points, (1.5, 73, -14), (26 * size, 11, 17 * size))
    frontal = np.maximum(np.maximum(frontal, 1.6 - skull), 6.5 - depth)
    septum = 0.8 - np.abs(points[0] - 2.0)
    canvas.body(Tissue.BONE, np.maximum(frontal - 2.0, 5.0 - depth))
    canvas.body(None, np.maximum(frontal, septum))
    nose = ellipsoid(mirrored, (0, 46, -46), (14, 30, 25))
    nose = np.maximum(nose, 1.8 - skull)
    canvas.body(Tissue.BONE, nose - 1.5)
    canvas.body(Tissue.MUSCLE, nose)
    cells = np.maximum(nose, np.abs(texture) * -4.0 + 0.7)
    canvas.body(None, np.maximum(cells, 1.0 - np.abs(mirrored[0] - 6.5)))
    sphenoid = ellipsoid(mirrored, (0, 15, -43), (13 * size, 12, 10))
    canvas.body(Tissue.BONE, sphenoid - 2.0)
    canvas.body(None, np.maximum(sphenoid, 0.7 - mirrored[0]))
    maxillary = ellipsoid(mirrored, (31, 42, -66), (14, 17, 17))
    canvas.body(Tissue.BONE, maxillary - 1.5)
    canvas.body(None, maxillary)
    canvas.body(None, cone(mirrored, (0, 10, -66), (0, -8, -130), 8.0, 9.0))


def _orbits(canvas: Canvas, traits: Traits, mirrored: Points, skull: np.ndarray) -> None:
    """Cone of fat with four muscles and the optic nerve; the globe with its lens."""
    apex, globe = (13, 17, -31), (35, 59, -34)
    cavity = cone(mirrored, apex, (33, 54, -33), 4.0, 17.0)
    free = 1.5 - skull
    wall = np.maximum(np.maximum(cavity - 2.0, free), mirrored[1] - 56)
    canvas.body(Tissue.BONE, wall)
    canvas.body(Tissue.FAT, np.maximum(np.maximum(cavity, free), mirrored[1] - 64))
    for x, z in ((13.0, 0.0), (-12.5, 0.0), (0.0, 12.5), (0.0, -12.5)):
        belly = (globe[0] + x, globe[1] - 7, globe[2] + z)
        canvas.body(Tissue.MUSCLE, cone(mirrored, (15, 20, -31), belly, 1.4, 1.9))
    canvas.body(Tissue.WHITE, cone(mirrored, apex, globe, 2.0, 2.0))
    eye = ellipsoid(mirrored, globe, (traits.eye,) * 3)
    canvas.body(Tissue.MUSCLE, eye - 1.0)
    canvas.body(Tissue.VITREOUS, eye)
    canvas.body(Tissue.SKIN, ellipsoid(mirrored, (35, 59 + 8.2, -34), (4.6, 2.1, 4.6)))


def _brain(canvas: Canvas, t1: np.ndarray, texture: np.ndarray, inside: np.ndarray) -> None:
    """White and grey matter and sulcal CSF from the T1 template; the texture frays the folds."""
    t1 = t1 + 7.0 * texture
    csf = 1 - _ramp(t1, *GREY_AND_CSF)
    white = _ramp(t1, *GREY_AND_WHITE)
    canvas.paint(Tissue.GREY, inside * (1 - csf))
    canvas.paint(Tissue.WHITE, inside * white)
    canvas.paint(Tissue.CSF, inside * csf)


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, linear between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)
