"""What flatters results without a word in the header, a "data crime" (Shimron et al., PNAS 2022).

Zero-padded or interpolated k-space is smoother than what a scanner measures, an image that was
compressed is easier to compress again, and data made from magnitudes have no phase to lose. Each is
looked for in the slice itself, with thresholds that were fixed on simulated heads
(`docs/data_crimes.md`).
"""

import numpy as np

from phasegen.fourier import to_image
from phasegen.metrics.band import filled, line_levels, roll_off, tissue_power
from phasegen.metrics.traces import block_ratio, one_phase, periodicity

RAW_CLIFF = 10.0
"""Height [dB] of a cliff in measured k-space that is no accident."""
MAGNITUDE_CLIFF = 10.5
"""Likewise in the spectrum of a magnitude."""
LEAST_FILLED = 0.95
"""Share below which it matters; a line or two are the habit of some scanners."""
ROLL_OFF = -16.5
"""Fall [dB] of the outermost lines that no head has by itself."""
PERIODICITY = 60.0
"""Peak over median that no anatomy has by itself."""
BLOCK_RATIO = 0.5
"""Level of fine detail in blocks at one place against other places."""
ONE_PHASE = 0.997
"""Symmetry that no noise leaves."""
SMALLEST_SIDE = 32
"""Pixels; of a smaller slice nothing is said."""

Findings = dict[str, np.float32 | bool | str]
MEASURES = (
    "filled_rows",
    "filled_columns",
    "roll_off_db",
    "periodicity",
    "block_ratio",
    "one_phase",
)
CRIMES = ("zero_padded", "interpolated", "lossy", "magnitude_only")


def inspect_raw(kspace: np.ndarray) -> Findings:
    """Measures, findings and words for one raw slice, as `_findings` names them.

    Args:
        kspace: complex64 ``(coil, ky, kx)`` as measured, zero frequency at index ``n // 2``.
    """
    power = np.mean(np.abs(kspace.astype(np.complex128)) ** 2, axis=0)
    magnitude = np.sqrt(np.sum(np.abs(to_image(kspace)) ** 2, axis=0))
    measures = _measures(magnitude)
    if power.any() and min(power.shape) >= SMALLEST_SIDE:
        for axis, name in enumerate(MEASURES[:2]):
            measures[name] = filled(line_levels(power, axis), RAW_CLIFF)[0]
        measures["one_phase"] = one_phase(kspace)
    return _findings(measures, magnitude_only=measures["one_phase"] > ONE_PHASE)


def inspect_magnitude(image: np.ndarray) -> Findings:
    """Likewise for one magnitude slice, float32 ``(y, x)`` as it is in its file.

    ``magnitude_only`` is true of it by its kind, and no crime as long as nobody takes it for raw
    data; ``one_phase`` is NaN.
    """
    return _findings(_measures(image), magnitude_only=True)


def _measures(magnitude: np.ndarray) -> dict[str, float]:
    measures = dict.fromkeys(MEASURES, np.nan)
    if min(magnitude.shape) < SMALLEST_SIDE:
        return measures
    magnitude = np.asarray(magnitude, np.float64)
    power = tissue_power(magnitude)
    if power is not None:
        levels = [line_levels(power, axis) for axis in (0, 1)]
        guards = [max(1, len(level) // 24) for level in levels]
        for name, level, guard in zip(MEASURES[:2], levels, guards, strict=True):
            measures[name] = filled(level, MAGNITUDE_CLIFF, guard)[0]
        measures["roll_off_db"] = min(map(roll_off, levels))
    measures["periodicity"] = float(np.fmax(*(periodicity(magnitude, axis) for axis in (0, 1))))
    measures["block_ratio"] = block_ratio(magnitude)
    return measures


def _findings(measures: dict[str, float], magnitude_only: bool) -> Findings:
    """Measures with what they mean; NaN means nothing."""
    lossy = measures["block_ratio"] < BLOCK_RATIO
    # Blocks have a period of their own.
    periodic = measures["periodicity"] > PERIODICITY and not lossy
    share = min(measures["filled_rows"], measures["filled_columns"])
    zero_padded = share < LEAST_FILLED and not periodic
    interpolated = periodic or (measures["roll_off_db"] < ROLL_OFF and not zero_padded)
    words = [
        f"zero-padded {1 / share:.2g}x" * zero_padded,
        "interpolated or filtered" * interpolated,
        "JPEG-like blocks" * lossy,
        "made of a magnitude" * bool(measures["one_phase"] > ONE_PHASE),
    ]
    found: Findings = {name: np.float32(value) for name, value in measures.items()}
    flags = (zero_padded, interpolated, lossy, magnitude_only)
    found |= {name: bool(flag) for name, flag in zip(CRIMES, flags, strict=True)}
    return found | {"crimes": "; ".join(filter(None, words))}
