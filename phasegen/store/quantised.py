"""The quantised form: complex values as pairs of int16, in steps of the noise of their slice."""

from dataclasses import dataclass

import numpy as np

from phasegen.fourier import to_image, to_kspace

QUANTISED = {"kspace": "quantised", "images": "quantised_images"}
"""Kinds of complex stores, and the kind of their quantised form."""

LARGEST = np.iinfo(np.int16).max

ROUNDING = 1e-6
"""Of the largest value of k-space; less is no noise, but what float32 transforms leave."""

MEDIAN = 0.6745
"""Median of the absolute value of a normal variable of standard deviation 1."""


@dataclass(frozen=True)
class Quantised:
    """One slice, and how far it is from what it was."""

    values: np.ndarray
    """int16 ``(coil, y, x, part)``, the part being real or imaginary."""
    noise_level: float
    """Standard deviation of the real and of the imaginary part, as estimated."""
    quantisation_step: float
    """Difference of neighbouring values; more than asked for if int16 would not hold them."""
    quantisation_error: float
    """Largest of the slice, over its largest absolute value."""
    quantisation_error_rms: float
    """Root mean square, likewise."""
    magnitude_psnr: float
    """Of the magnitude of the coil images [dB]; infinite where nothing was lost."""


def quantise(values: np.ndarray, kind: str, factor: float) -> Quantised:
    """Round one slice, complex64 ``(coil, y, x)``, to steps of ``factor`` times its noise level.

    Rounding adds noise of ``step / sqrt(12)``: at a factor of 0.5 the noise grows by 1 %.
    """
    kspace = values if kind == "kspace" else to_kspace(values)
    sigma = noise_level(kspace)
    parts = np.ascontiguousarray(values).view(np.float32).reshape(*values.shape, 2)
    largest = float(np.abs(parts).max())
    # A float32, as it is kept: the quotient must not pass the largest int16 after rounding.
    step = np.float32(max(factor * sigma, largest / (LARGEST - 0.5))) or np.float32(1)
    rounded = np.rint(parts / step).astype(np.int16)
    again = restore(rounded[None], np.array([step]))[0]
    error = np.abs(again - values)
    scale = float(np.abs(values).max()) or 1.0
    return Quantised(
        values=rounded,
        noise_level=sigma,
        quantisation_step=float(step),
        quantisation_error=float(error.max()) / scale,
        quantisation_error_rms=float(np.sqrt((error.astype(float) ** 2).mean())) / scale,
        magnitude_psnr=_magnitude_psnr(values, again, kind),
    )


def restore(values: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Complex64 ``(slice, coil, y, x)`` from int16 ``(slice, coil, y, x, part)``.

    ``step`` is the index column ``quantisation_step`` of these slices.
    """
    scaled = values * step.astype(np.float32)[:, None, None, None, None]
    return scaled.view(np.complex64)[..., 0]


def noise_level(kspace: np.ndarray) -> float:
    """Standard deviation of the noise of one channel of ``(coil, ky, kx)``; 0 if there is none.

    Noise is normal, white and alike in the real and the imaginary part (Gudbjartsson and Patz,
    1995), so an orthonormal transform keeps its level: it is looked for outside of the ellipse
    that touches the edges, in k-space, where there is little signal, and in the image, where
    there is little of the object. The level is the median of the absolute values over 0.6745
    (Donoho and Johnstone, 1994, on the finest wavelets), which a few large values do not move.
    What signal there is only raises it, so the lowest level decides: of both domains, and of
    all coils. Values of exactly 0 were never measured and do not count, nor does what is no
    more than the rounding of float32.
    """
    rounding = ROUNDING * np.abs(kspace).max()
    outer = _outside_of_ellipse(kspace.shape[-2:])
    parts = [coil[outer] for domain in (kspace, to_image(kspace)) for coil in domain]
    levels = [_level(part[part != 0]) for part in parts]
    return min((level for level in levels if level > rounding), default=0.0)


def _outside_of_ellipse(shape: tuple[int, int]) -> np.ndarray:
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in shape)
    return np.hypot(y[:, None], x) > 1


def _level(values: np.ndarray) -> float:
    if not values.size:
        return 0.0
    return float(np.median(np.abs(np.concatenate([values.real, values.imag])))) / MEDIAN


def _magnitude_psnr(values: np.ndarray, again: np.ndarray, kind: str) -> float:
    magnitude, changed = (
        np.abs(to_image(part) if kind == "kspace" else part).astype(float)
        for part in (values, again)
    )
    error = np.sqrt(((magnitude - changed) ** 2).mean())
    return float(20 * np.log10(magnitude.max() / error)) if error else float("inf")
