"""Signal equations: what each tissue gives in each contrast, before field, coil and noise."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phasegen.mri.tissues import PROPERTIES, Properties, Tissue

Sequence = Literal["spin echo", "gradient echo"]


@dataclass(frozen=True)
class Protocol:
    """What the scanner is told for one contrast."""

    sequence: Sequence
    tr: float
    """Repetition time [s]."""
    te: float
    """Echo time [s]."""
    flip: float = 90.0
    """Flip angle [degree]."""
    bandwidth: float = 300.0
    """Readout bandwidth [Hz/pixel]."""


PROTOCOLS: dict[str, Protocol] = {
    "T1w": Protocol("gradient echo", 0.220, 0.0024, 85.0),
    "T2w": Protocol("spin echo", 4.5, 0.100),
    "PDw": Protocol("spin echo", 3.0, 0.028),
    "GRE": Protocol("gradient echo", 0.700, 0.016, 25.0),
}


def spin_echo(t1: float, t2: float, density: float, tr: float, te: float) -> float:
    """Steady state of 90-180 degree spin echoes (Bernstein et al., Handbook, ch. 14)."""
    recovery = 1 - 2 * np.exp(-(tr - te / 2) / t1) + np.exp(-tr / t1)
    return float(density * recovery * np.exp(-te / t2))


def spoiled_gradient_echo(
    t1: float, t2_star: float, density: float, tr: float, te: float, flip: float
) -> float:
    """Ernst's steady state with perfect spoiling (Bernstein et al., Handbook, ch. 14)."""
    angle, decay = np.deg2rad(flip), np.exp(-tr / t1)
    steady = np.sin(angle) * (1 - decay) / (1 - np.cos(angle) * decay)
    return float(density * steady * np.exp(-te / t2_star))


def tissue_signal(tissue: Properties, protocol: Protocol, field_strength: float) -> float:
    """Signal of a voxel full of one tissue, water and fat together, in units of pure protons."""
    t1 = tissue.t1_at(field_strength)
    if protocol.sequence == "spin echo":
        return spin_echo(t1, tissue.t2, tissue.density, protocol.tr, protocol.te)
    t2_star = tissue.t2_star_at(field_strength)
    return spoiled_gradient_echo(
        t1, t2_star, tissue.density, protocol.tr, protocol.te, protocol.flip
    )


def water_and_fat(
    fractions: np.ndarray, protocol: Protocol, field_strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Signal of the two kinds of protons.

    Args:
        fractions: float32 (tissue, ...).

    Returns:
        water, fat: float32 (...).
    """
    water = np.zeros(fractions.shape[1:], np.float32)
    fat = np.zeros(fractions.shape[1:], np.float32)
    for tissue in Tissue:
        properties = PROPERTIES[tissue]
        signal = tissue_signal(properties, protocol, field_strength)
        if properties.fat < 1:
            water += np.float32(signal * (1 - properties.fat)) * fractions[tissue]
        if properties.fat > 0:
            fat += np.float32(signal * properties.fat) * fractions[tissue]
    return water, fat
