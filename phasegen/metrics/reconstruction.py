"""All numbers of a reconstructed magnitude image against the true one, by two rules.

The *slice rule* is the one that this project stands by: one least-squares factor per slice brings
the prediction to the target, and the range is the target slice's maximum. The *volume rule* is
the official one of fastMRI (Zbontar et al., arXiv 1811.08839): no factor, and the range is the
maximum of the target volume. Both take what scikit-image computes, in float64; SSIM is that of
Wang et al., IEEE Trans Image Process 13:600, 2004, with a uniform window of 7 as fastMRI has it.

What an empty target gives is NaN throughout: it has no range. A constant one is a target as any
other, and a prediction of zeros keeps its zeros. A slice smaller than the window has an SSIM of
NaN and all else. PSNR is infinite where the mean squared error is 0.
"""

import numpy as np
from skimage.metrics import (
    mean_squared_error,
    normalized_root_mse,
    peak_signal_noise_ratio,
    structural_similarity,
)

WINDOW = 7
"""Edge of the window of SSIM [pixel]."""

SLICE_METRICS = ("ssim", "psnr", "mse", "nrmse")
VOLUME_METRICS = ("fastmri_ssim", "fastmri_psnr", "fastmri_nmse")


def reconstruction_row(prediction: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Metrics of a slice by the slice rule.

    Args:
        prediction, target: magnitude ``(y, x)``, float, of any unit each.

    Returns:
        ``ssim`` (at most 1), ``psnr`` [dB], ``mse`` (after division by the target's maximum, so
        that ``psnr`` is -10 log10 of it) and ``nrmse`` (the root of fastMRI's NMSE).

    Raises:
        ValueError: they are not two finite magnitude images of one shape.
    """
    prediction, target = _magnitudes(prediction, target, 2)
    largest = target.max()
    if largest == 0:
        return dict.fromkeys(SLICE_METRICS, float("nan"))
    prediction, target = scaled_to(prediction, target) / largest, target / largest
    return {
        "ssim": _ssim(prediction, target, 1.0),
        "psnr": _psnr(prediction, target, 1.0),
        "mse": float(mean_squared_error(target, prediction)),
        "nrmse": float(normalized_root_mse(target, prediction)),
    }


def fastmri_row(prediction: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Metrics of a volume by the volume rule, as ``fastmri.evaluate`` has them.

    Args:
        prediction, target: magnitude ``(slice, y, x)``, float, of one unit.

    Returns:
        ``fastmri_ssim`` (mean over the slices), ``fastmri_psnr`` [dB], ``fastmri_nmse``.

    Raises:
        ValueError: they are not two finite magnitude volumes of one shape.
    """
    prediction, target = _magnitudes(prediction, target, 3)
    largest = target.max()
    if largest == 0:
        return dict.fromkeys(VOLUME_METRICS, float("nan"))
    pairs = zip(prediction, target, strict=True)
    return {
        "fastmri_ssim": float(np.mean([_ssim(p, t, largest) for p, t in pairs])),
        "fastmri_psnr": _psnr(prediction, target, largest),
        "fastmri_nmse": float(normalized_root_mse(target, prediction) ** 2),
    }


def scaled_to(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The prediction times the one factor that brings it closest to the target (least squares)."""
    power = np.vdot(prediction, prediction)
    return prediction * (np.vdot(prediction, target) / power if power > 0 else 0.0)


def _magnitudes(
    prediction: np.ndarray, target: np.ndarray, axes: int
) -> tuple[np.ndarray, np.ndarray]:
    named = ", ".join(("slice", "y", "x")[-axes:])
    if prediction.ndim != axes or prediction.shape != target.shape or not target.size:
        raise ValueError(f"need one shape ({named}), not {prediction.shape} and {target.shape}")
    for name, image in (("prediction", prediction), ("target", target)):
        if np.iscomplexobj(image):
            raise ValueError(f"the {name} is complex; take its magnitude")
        if not (np.isfinite(image).all() and image.min() >= 0):
            raise ValueError(f"the {name} has values that are no magnitude: negative or not finite")
    return prediction.astype(np.float64), target.astype(np.float64)


def _ssim(prediction: np.ndarray, target: np.ndarray, largest: float) -> float:
    if min(target.shape) < WINDOW:
        return float("nan")
    return float(structural_similarity(target, prediction, win_size=WINDOW, data_range=largest))


def _psnr(prediction: np.ndarray, target: np.ndarray, largest: float) -> float:
    with np.errstate(divide="ignore"):
        return float(peak_signal_noise_ratio(target, prediction, data_range=largest))
