"""The unit of the images that a model sees."""

from typing import TYPE_CHECKING, TypeVar

from array_api_compat import array_namespace

if TYPE_CHECKING:
    import numpy as np
    import torch

Array = TypeVar("Array", "np.ndarray", "torch.Tensor")
FOREGROUND = 0.05


def slice_scale(magnitude: Array) -> Array:
    """Root mean square over pixels above 5 % of the slice's maximum, float32 ``(slice,)``.

    ``magnitude`` is ``(slice, ..., y, x)``. Padding with zeros changes nothing; an empty
    slice has the scale 0.
    """
    xp = array_namespace(magnitude)
    flat = xp.astype(xp.reshape(magnitude, (magnitude.shape[0], -1)), xp.float64)
    inside = flat > FOREGROUND * xp.max(flat, axis=1, keepdims=True)
    energy = xp.sum(xp.where(inside, flat**2, xp.zeros_like(flat)), axis=1)
    count = xp.sum(xp.astype(inside, xp.float64), axis=1)
    return xp.astype(xp.sqrt(energy / xp.clip(count, min=1)), xp.float32)
