"""What a classifier sees of one slice's phase together with its magnitude, and in k-space."""

import numpy as np

from phasegen.fourier import to_kspace
from phasegen.metrics.gradients import AXES, neighbours, wrapped_differences
from phasegen.metrics.phase_features import log, mixed_differences
from phasegen.metrics.residues import tissue_loops
from phasegen.metrics.spectrum import peak_offset, radial_spectrum
from phasegen.metrics.tissue import complex_image

BANDS = 8
ORDERS = (0, 1, 2, 4)
"""Orders of the polynomials that the phase gradient is compared with."""


def coupling_features(
    phase: np.ndarray, magnitude: np.ndarray, tissue: np.ndarray
) -> dict[str, float]:
    """How far place and magnitude foretell the phase gradient."""
    steps, changes, places = [], [], []
    for axis in AXES:
        pairs = neighbours(tissue, axis)
        steps.append(wrapped_differences(phase, axis)[pairs])
        changes.append(np.diff(magnitude, axis=axis)[pairs] / magnitude.max())
        places.append(np.argwhere(pairs) / (np.array(phase.shape) / 2) - 1)
    found = {"step_and_change": _correlation(np.abs(np.hstack(steps)), np.abs(np.hstack(changes)))}
    for order in ORDERS:
        fits = [_unexplained(s, polynomials(p, order)) for s, p in zip(steps, places, strict=True)]
        found[f"smooth_{order}"] = float(np.mean(fits))
    change = np.hstack(changes)[:, None]
    found["coupled"] = _unexplained(np.hstack(steps), polynomials(np.vstack(places), 2) * change)
    return found


def noise_features(
    phase: np.ndarray, magnitude: np.ndarray, tissue: np.ndarray
) -> dict[str, float]:
    """Level of the phase noise, which in a real image goes with one over the magnitude."""
    loops = tissue_loops(tissue)
    size = np.abs(mixed_differences(phase)[loops])
    level = _loop_mean(magnitude / magnitude.max())[loops]
    bright, dim = level >= np.median(level), level <= np.median(level)
    return {
        "noise": float(log(np.median(size * level))),
        "noise_bright": float(log(np.median(size[bright]))),
        "noise_dim": float(log(np.median(size[dim]))),
        "noise_and_level": _correlation(log(size), log(level)),
    }


def kspace_features(phase: np.ndarray, magnitude: np.ndarray) -> dict[str, float]:
    """Peak, bands, centroid and symmetry of k-space; bands also against those without phase."""
    image = complex_image(magnitude, phase)
    bands, plain = (radial_spectrum(part, BANDS) for part in (image, magnitude))
    y, x = peak_offset(image)
    found = {"peak_y": float(y), "peak_x": float(x), "peak": float(np.hypot(y, x))}
    found |= {f"band_{n}": float(v) for n, v in enumerate(log(bands))}
    found |= {f"gain_{n}": float(v) for n, v in enumerate(log(bands) - log(plain))}
    energy = np.abs(to_kspace(image)) ** 2
    energy /= energy.sum()
    for axis, name in enumerate("yx"):
        profile = energy.sum(axis=1 - axis)
        k = np.arange(profile.size) - profile.size // 2
        centre = float(profile @ k)
        found[f"centroid_{name}"] = centre
        found[f"width_{name}"] = float(log(profile @ (k - centre) ** 2))
    return found | {"asymmetry": _asymmetry(np.sqrt(energy))}


def _asymmetry(size: np.ndarray) -> float:
    """Difference of |K(k)| and |K(-k)|, which a real image has none of."""
    size = size[1 - size.shape[0] % 2 :, 1 - size.shape[1] % 2 :]  # -n / 2 has no partner
    return float(log(np.abs(size - size[::-1, ::-1]).sum() / size.sum()))


def polynomials(place: np.ndarray, order: int) -> np.ndarray:
    """Monomials up to ``order`` at places ``(point, 2)``: ``(point, term)``."""
    y, x = place.T
    return np.stack([y**a * x**b for a in range(order + 1) for b in range(order + 1 - a)], axis=1)


def _unexplained(values: np.ndarray, terms: np.ndarray) -> float:
    """Logarithm of the mean square that a linear fit of ``terms`` leaves, relative to all."""
    weights = np.linalg.lstsq(terms, values, rcond=None)[0]
    left = np.sum((values - terms @ weights) ** 2)
    return float(log(left / max(np.sum(values**2), np.finfo(float).tiny)))


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = np.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second) / scale) if scale else 0.0


def _loop_mean(values: np.ndarray) -> np.ndarray:
    rows = (values[:-1] + values[1:]) / 2
    return (rows[:, :-1] + rows[:, 1:]) / 2
