"""Affine registration of the MNI152 average brain by mutual information (SimpleITK).

Mattes et al., IEEE Trans Med Imaging 22:120, 2003. The template ships with nilearn.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from phasegen.mri.template import read_map
from phasegen.raters.morphology import UNKNOWN_MM, filled, head, smooth

COARSE = 3.75
"""Voxel that the registration looks at, at least [mm]."""

CENTRE = (0.0, 18.0, 0.0)
"""Middle of the template's head seen from above: right, posterior, superior [mm]."""

HEIGHTS = np.arange(-30.0, 70.0, 10.0)
"""Heights of the template at which the middle slice is tried [mm]."""

SIZES = (0.9, 1.0, 1.1)


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x); arguments as `median_otsu.extract`.

    Slices are axial, from inferior to superior, with the anterior row first; other
    orientations come out wrong.
    """
    template, brain = _template()
    inside = head(magnitude, spacing_mm)
    if not inside.any():
        return inside
    blurred = smooth(np.minimum(magnitude, np.quantile(magnitude[inside], 0.9)), 1.0, spacing_mm)
    steps = [max(1, round(COARSE / d)) for d in spacing_mm]
    centre = ndimage.center_of_mass(inside.any(axis=0))
    fixed = _image(blurred, spacing_mm, centre, steps)
    looked_at = _image(inside.astype(np.uint8), spacing_mm, centre, steps)
    transform = _register(fixed, looked_at, template)
    grid = _image(blurred, spacing_mm, centre)
    found = sitk.Resample(brain, grid, transform, sitk.sitkLinear, 0.0)
    return sitk.GetArrayFromImage(found) > 0.5


@cache
def _template() -> tuple[sitk.Image, sitk.Image]:
    """Average T1 of voxels of 3 mm, and brain mask of 1 mm, in (right, posterior, superior)."""
    t1, origin = read_map("t1")
    border = 12
    t1 = np.pad(t1, border).transpose(2, 1, 0)[:, ::-1]
    posterior = -(origin[1] - border + t1.shape[1] - 1)
    corner = (origin[0] - border, posterior, origin[2] - border)
    images = []
    for values in (ndimage.gaussian_filter(t1, 1.2), filled(t1 > 0)):
        image = sitk.GetImageFromArray(values.astype(np.float32))
        image.SetOrigin(corner)
        images.append(image)
    return sitk.Shrink(images[0], [3, 3, 3]), images[1]


def _image(
    values: np.ndarray,
    spacing_mm: Sequence[float],
    centre: tuple[float, float],
    steps: Sequence[int] = (1, 1, 1),
) -> sitk.Image:
    """Every so many voxels, placed so that ``centre`` (row, column) is at `CENTRE`."""
    thinned = values[tuple(slice(None, None, step) for step in steps)]
    image = sitk.GetImageFromArray(np.ascontiguousarray(thinned))
    image.SetSpacing([d * n for d, n in zip(spacing_mm[::-1], steps[::-1], strict=True)])
    row, column = centre
    height = (len(values) - 1) / 2 * spacing_mm[0]
    image.SetOrigin((-column * spacing_mm[2], CENTRE[1] - row * spacing_mm[1], -height))
    return image


def _register(fixed: sitk.Image, mask: sitk.Image, template: sitk.Image) -> sitk.Transform:
    """Best of a coarse search over height and size, then gradient descent; from image to MNI."""
    starts = [_start(height, size) for height in HEIGHTS for size in SIZES]
    transform = min(starts, key=lambda start: _likeness(mask, start, fixed, template))
    method = _method(mask, transform)
    method.SetOptimizerAsRegularStepGradientDescent(2.0, 0.05, 100)
    method.SetOptimizerScalesFromPhysicalShift()
    method.Execute(fixed, template)
    return transform


def _likeness(
    mask: sitk.Image, start: sitk.Transform, fixed: sitk.Image, template: sitk.Image
) -> float:
    """Metric of a start, the lower the better, without the gradients that most of its time went to."""
    method = _method(mask, start)
    method.MetricUseFixedImageGradientFilterOff()
    method.MetricUseMovingImageGradientFilterOff()
    return method.MetricEvaluate(fixed, template)


def _method(mask: sitk.Image, transform: sitk.Transform) -> sitk.ImageRegistrationMethod:
    method = sitk.ImageRegistrationMethod()
    # parallel sums depend on the number of threads
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(32)
    method.SetMetricFixedMask(mask)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetInitialTransform(transform, inPlace=True)
    return method


def _start(height: float, size: float) -> sitk.AffineTransform:
    transform = sitk.AffineTransform(3)
    transform.SetCenter(CENTRE)
    transform.Scale(size)
    transform.SetTranslation((0.0, 0.0, float(height)))
    return transform
