"""Complex noise with a second moment of one."""

from typing import Literal

import numpy as np

NoiseKind = Literal["unit", "gaussian"]


def complex_noise(
    kind: NoiseKind, shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Independent complex64 noise with ``E|eps|^2 = 1``.

    ``unit``: magnitude one and uniform phase (Rempe et al. 2025, III-C).
    ``gaussian``: circular complex normal.
    """
    if kind == "unit":
        return np.exp(1j * generator.uniform(-np.pi, np.pi, shape)).astype(np.complex64)
    pairs = generator.standard_normal((*shape, 2), dtype=np.float32) * np.float32(np.sqrt(0.5))
    return pairs.view(np.complex64)[..., 0]
