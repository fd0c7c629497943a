"""Phase residues: loops of 2 x 2 pixels round which the phase winds (Goldstein et al. 1988)."""

import numpy as np

from phasegen.metrics.gradients import neighbours, wrapped_differences


def winding(phase: np.ndarray) -> np.ndarray:
    """Turns of the phase [rad] round every loop of 2 x 2 pixels, int ``(..., y - 1, x - 1)``."""
    along_y, along_x = wrapped_differences(phase, -2), wrapped_differences(phase, -1)
    there = along_x[..., :-1, :] + along_y[..., :, 1:]
    back = along_x[..., 1:, :] + along_y[..., :, :-1]
    return np.rint((there - back) / (2 * np.pi)).astype(int)


def tissue_loops(tissue: np.ndarray) -> np.ndarray:
    """Loops with all four corners in the tissue, bool ``(..., y - 1, x - 1)``."""
    return neighbours(neighbours(tissue, -1), -2)


def residues(phase: np.ndarray, tissue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loops of tissue with a residue, and all loops of tissue: two ints per slice, ``(...)``.

    Args:
        phase: [rad], ``(..., y, x)``.
        tissue: bool, likewise.
    """
    loops = tissue_loops(tissue)
    found = (winding(phase) != 0) & loops
    return np.count_nonzero(found, axis=(-2, -1)), np.count_nonzero(loops, axis=(-2, -1))


def residue_rate(phase: np.ndarray, tissue: np.ndarray) -> float:
    """Residues per 1000 loops of tissue of all slices together; 0 where there is no tissue."""
    found, loops = residues(phase, tissue)
    return 1000 * float(found.sum()) / max(int(loops.sum()), 1)
