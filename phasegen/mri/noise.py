"""Thermal noise of the receiver."""

import numpy as np


def complex_noise(random: np.random.Generator, shape: tuple[int, ...], sigma: float) -> np.ndarray:
    """White circular normal noise, complex64, ``sigma`` per channel (real and imaginary each).

    In an orthonormal Fourier pair sigma is the same in k-space and in the image.
    """
    parts = random.standard_normal((2, *shape), dtype=np.float32) * np.float32(sigma)
    return parts[0] + 1j * parts[1]
