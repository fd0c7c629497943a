"""The laws of each slice as sums, so that any weights of the subjects give those of a cohort."""

from typing import NamedTuple

import numpy as np

from phasegen.metrics.distances import log_spectral, wasserstein
from phasegen.metrics.gradients import BIN_WIDTH, gradient_histogram
from phasegen.metrics.residues import residues
from phasegen.metrics.spectrum import peak_offset, radial_spectrum
from phasegen.metrics.tissue import complex_image, tissue_mask


class Laws(NamedTuple):
    """Sums over slices; the first axis is the slice, the subject or the replicate."""

    slices: np.ndarray
    """Number of slices, ``(n,)``."""
    residues: np.ndarray
    """Loops of tissue with a residue, ``(n,)``."""
    loops: np.ndarray
    """Loops of tissue, ``(n,)``."""
    gradients: np.ndarray
    """Histogram of phase gradients along y and x, ``(n, 2, bin)``."""
    peaks: np.ndarray
    """Histogram of the offset (ky, kx) of the k-space peak in steps of 1 pixel, ``(n, 2, bin)``."""
    offset: np.ndarray
    """Distance of the k-space peak from the centre [pixel], ``(n,)``."""
    spectrum: np.ndarray
    """Radial energy spectrum, ``(n, band)``."""

    def by_subject(self, owners: np.ndarray) -> "Laws":
        """Sums over the slices of every subject; ``owners`` numbers the subject of each slice."""
        members = (owners == np.unique(owners)[:, None]).astype(float)
        return self.weighted(members)

    def weighted(self, weights: np.ndarray) -> "Laws":
        """Sums under weights ``(replicate, n)``."""
        return Laws(*(np.tensordot(weights, part, axes=1) for part in self))

    def residue_rate(self) -> np.ndarray:
        """Residues per 1000 loops of tissue, ``(n,)``."""
        return 1000 * self.residues / self.loops


def measure(phase: np.ndarray, magnitude: np.ndarray) -> Laws:
    """Laws of every slice of ``phase`` [rad] and ``magnitude``, both ``(slice, y, x)``."""
    tissue, image = tissue_mask(magnitude), complex_image(magnitude, phase)
    offset = peak_offset(image)
    found, loops = residues(phase, tissue)
    reach = np.arange(-max(phase.shape[1:]), max(phase.shape[1:]) + 1)
    return Laws(
        slices=np.ones(len(phase)),
        residues=found,
        loops=loops,
        gradients=gradient_histogram(phase, tissue),
        peaks=(offset[..., None] == reach).astype(float),
        offset=np.hypot(*offset.T),
        spectrum=radial_spectrum(image),
    )


def distances(first: Laws, second: Laws) -> dict[str, np.ndarray]:
    """Distances between the laws of two cohorts, each ``(n,)``.

    ``gradient_distance`` [rad/pixel] and ``peak_distance`` [pixel] are Wasserstein
    distances, mean of the two axes; ``spectrum_distance`` [dB] is the log-spectral one.
    """
    spectra = (laws.spectrum / laws.slices[:, None] for laws in (first, second))
    return {
        "gradient_distance": wasserstein(first.gradients, second.gradients, BIN_WIDTH).mean(-1),
        "peak_distance": wasserstein(first.peaks, second.peaks, 1.0).mean(-1),
        "spectrum_distance": log_spectral(*spectra),
    }
