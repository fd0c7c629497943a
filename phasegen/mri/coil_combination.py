"""Several receive coils to one complex image, their phase kept."""

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import uniform_filter

BLOCK = 7
"""Edge of the neighbourhood over which coils are correlated [pixel]."""

BAND = 64
"""Rows at a time, so that memory does not grow with the image."""

ITERATIONS = 16


def combine(images: np.ndarray) -> np.ndarray:
    """Adaptive combination (Walsh, Gmitro & Marcellin, Magn Reson Med 43:682, 2000).

    At every pixel the coils are weighted by the strongest eigenvector of their correlation
    over a neighbourhood, which is the matched filter for white noise that is equal in all coils.
    Its phase is free; here it is such that the result has the object's phase plus that of
    one virtual coil: the sum of all coils turned to a common phase at one pixel that all of them
    see (Parker et al., Magn Reson Med 72:563, 2014), so that the combination adds no vortex where
    single coils have a null.

    Args:
        images: complex64 ``(coil, y, x)``.

    Returns:
        complex64 ``(1, y, x)``; one coil comes back as it is.
    """
    if len(images) == 1:
        return images
    filters = matched_filters(images)
    virtual = _virtual_coil(images, filters)
    seen = np.einsum("c,cyx->yx", virtual.conj(), filters)
    filters *= np.exp(-1j * np.angle(seen)).astype(np.complex64)
    return np.einsum("cyx,cyx->yx", filters.conj(), images)[None].astype(np.complex64)


def matched_filters(images: np.ndarray) -> np.ndarray:
    """Strongest eigenvector of the coils' local correlation, of unit length, ``(coil, y, x)``."""
    return np.concatenate(list(_bands(images)), axis=1)


def _bands(images: np.ndarray) -> Iterator[np.ndarray]:
    halo = BLOCK // 2
    for start in range(0, images.shape[1], BAND):
        stop = min(start + BAND, images.shape[1])
        above, below = min(halo, start), min(halo, images.shape[1] - stop)
        correlation = _correlation(images[:, start - above : stop + below])
        yield _strongest(correlation[:, :, above : above + stop - start])


def _correlation(images: np.ndarray) -> np.ndarray:
    """Mean of ``s_i conj(s_j)`` over the block about every pixel, ``(i, j, y, x)``."""
    coils = len(images)
    result = np.empty((coils, coils, *images.shape[1:]), np.complex64)
    for i in range(coils):
        for j in range(i + 1):
            product = images[i] * images[j].conj()
            # filtered by hand in parts, since the filter's own complex form is float64
            for part in (product.real, product.imag):
                part[...] = uniform_filter(part, BLOCK, mode="nearest")
            result[i, j], result[j, i] = product, product.conj()
    return result


def _strongest(correlation: np.ndarray) -> np.ndarray:
    """Strongest eigenvector of the first two axes by power iteration, ``(coil, y, x)``."""
    matrix = np.ascontiguousarray(np.moveaxis(correlation, (0, 1), (2, 3)))
    power = np.einsum("yxii->yxi", matrix).real
    # of the brightest coil: never orthogonal to what is sought
    vector = np.take_along_axis(matrix, power.argmax(-1)[..., None, None], axis=3)
    for _ in range(ITERATIONS):
        vector = matrix @ _unit(vector)
    return np.moveaxis(_unit(vector)[..., 0], 2, 0)


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vector, axis=-2, keepdims=True)
    return vector / np.where(length > 0, length, 1)


def _virtual_coil(images: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Weights of modulus one that bring all coils to one phase where all of them see signal."""
    power = np.stack([uniform_filter(np.abs(image) ** 2, BLOCK) for image in images])
    seen = np.log(np.maximum(power, np.finfo(np.float32).tiny)).sum(0)
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    return np.exp(1j * np.angle(filters[:, row, column])).astype(np.complex64)
