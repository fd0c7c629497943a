"""Centred, orthonormal Fourier transforms over the last two axes.

The convention of the public fastMRI tools: the zero frequency lies at index
``n // 2``, and ``norm="ortho"`` keeps the energy (Parseval). All functions take
NumPy arrays or torch tensors of shape ``(..., y, x)`` and keep their kind and precision.
"""

from typing import TYPE_CHECKING, TypeVar

from array_api_compat import array_namespace

if TYPE_CHECKING:  # most steps never need torch, which takes seconds to import
    import numpy as np
    import torch

Array = TypeVar("Array", "np.ndarray", "torch.Tensor")
AXES = (-2, -1)


def to_kspace(image: Array) -> Array:
    """Image ``(..., y, x)`` to k-space ``(..., ky, kx)``, complex."""
    fft = array_namespace(image).fft
    shifted = fft.ifftshift(image, axes=AXES)
    return fft.fftshift(fft.fftn(shifted, axes=AXES, norm="ortho"), axes=AXES)


def to_image(kspace: Array) -> Array:
    """K-space ``(..., ky, kx)`` to image ``(..., y, x)``, complex."""
    fft = array_namespace(kspace).fft
    shifted = fft.ifftshift(kspace, axes=AXES)
    return fft.fftshift(fft.ifftn(shifted, axes=AXES, norm="ortho"), axes=AXES)


def resample(image: Array, shape: tuple[int, int]) -> Array:
    """The same field of view on ``shape`` pixels, by the centre of k-space; values keep their size.

    Complex ``(..., y, x)``. Noise of an orthonormal transform keeps its level in k-space, so in
    the image it changes by the root of the ratio of the pixels.
    """
    if tuple(image.shape[-2:]) == tuple(shape):
        return image
    ratio = shape[0] * shape[1] / (image.shape[-2] * image.shape[-1])
    return to_image(centre_crop_or_pad(to_kspace(image), shape)) * ratio**0.5


def centre_crop_or_pad(array: Array, shape: tuple[int, int]) -> Array:
    """Cut or zero-pad the last two axes to ``shape``, keeping index ``n // 2`` in the centre."""
    for axis, size in zip(AXES, shape, strict=True):
        array = _crop_or_pad_axis(array, axis, size)
    return array


def _crop_or_pad_axis(array: Array, axis: int, size: int) -> Array:
    before = size // 2 - array.shape[axis] // 2
    after = size - array.shape[axis] - before
    if before < 0:
        array = array[_along(axis, slice(-before, None))]
    if after < 0:
        array = array[_along(axis, slice(None, after))]
    if max(before, after) <= 0:
        return array
    parts = [_zeros(array, axis, before), array, _zeros(array, axis, after)]
    return array_namespace(array).concat(parts, axis=axis)


def _zeros(array: Array, axis: int, count: int) -> Array:
    shape = list(array.shape)
    shape[axis] = max(count, 0)
    return array_namespace(array).zeros(shape, dtype=array.dtype, device=array.device)


def _along(axis: int, part: slice) -> tuple:
    return (..., part) if axis == -1 else (..., part, slice(None))
