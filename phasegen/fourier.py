"""Centred, orthonormal Fourier transforms over the last two axes.

The convention of the public fastMRI tools: the zero frequency lies at index
``n // 2``, and ``norm="ortho"`` keeps the energy (Parseval). Both functions take
NumPy arrays or torch tensors of shape ``(..., y, x)`` and keep their kind.
"""

from typing import TypeVar

import numpy as np
import torch

Array = TypeVar("Array", np.ndarray, torch.Tensor)
AXES = (-2, -1)


def to_kspace(image: Array) -> Array:
    """Image ``(..., y, x)`` to k-space ``(..., ky, kx)``, complex of the same precision."""
    if isinstance(image, torch.Tensor):
        shifted = torch.fft.ifftshift(image, dim=AXES)
        return torch.fft.fftshift(torch.fft.fft2(shifted, dim=AXES, norm="ortho"), dim=AXES)
    shifted = np.fft.ifftshift(image, axes=AXES)
    kspace = np.fft.fftshift(np.fft.fft2(shifted, axes=AXES, norm="ortho"), axes=AXES)
    return kspace.astype(np.result_type(image, np.complex64), copy=False)


def to_image(kspace: Array) -> Array:
    """K-space ``(..., ky, kx)`` to image ``(..., y, x)``, complex of the same precision."""
    if isinstance(kspace, torch.Tensor):
        shifted = torch.fft.ifftshift(kspace, dim=AXES)
        return torch.fft.fftshift(torch.fft.ifft2(shifted, dim=AXES, norm="ortho"), dim=AXES)
    shifted = np.fft.ifftshift(kspace, axes=AXES)
    image = np.fft.fftshift(np.fft.ifft2(shifted, axes=AXES, norm="ortho"), axes=AXES)
    return image.astype(np.result_type(kspace, np.complex64), copy=False)


def centre_crop_or_pad(array: Array, shape: tuple[int, int]) -> Array:
    """Cut or zero-pad the last two axes to ``shape``, keeping index ``n // 2`` in the centre."""
    for axis, size in zip(AXES, shape, strict=True):
        array = _crop_or_pad_axis(array, axis, size)
    return array


def _crop_or_pad_axis(array: Array, axis: int, size: int) -> Array:
    old = array.shape[axis]
    before = size // 2 - old // 2
    if before <= 0 and size <= old:
        index = [slice(None)] * array.ndim
        index[axis] = slice(-before, -before + size)
        return array[tuple(index)]
    new_shape = list(array.shape)
    new_shape[axis] = size
    padded = (
        array.new_zeros(new_shape)
        if isinstance(array, torch.Tensor)
        else np.zeros(new_shape, array.dtype)
    )
    index = [slice(None)] * array.ndim
    index[axis] = slice(before, before + old)
    padded[tuple(index)] = array
    return padded
