"""Which acquisitions of an ISMRMRD file make its images, and where on the grid each belongs.

All of it from the acquisitions' headers (Inati et al., Magn. Reson. Med. 77 (2017) 411), which
are small, so that a file is refused before any of its samples is read.
"""

import math
from dataclasses import dataclass

import numpy as np

from phasegen.sources.base import Sampling
from phasegen.sources.ismrmrd_grid import Grid
from phasegen.sources.sampling import lopsided, sampling

LEFT_OUT = {
    "ACQ_IS_NOISE_MEASUREMENT": 19,
    "ACQ_IS_PARALLEL_CALIBRATION": 20,
    "ACQ_IS_NAVIGATION_DATA": 23,
    "ACQ_IS_PHASECORR_DATA": 24,
    "ACQ_IS_HPFEEDBACK_DATA": 26,
    "ACQ_IS_DUMMYSCAN_DATA": 27,
    "ACQ_IS_RTFEEDBACK_DATA": 28,
    "ACQ_IS_SURFACECOILCORRECTIONSCAN_DATA": 29,
    "ACQ_IS_PHASE_STABILIZATION_REFERENCE": 30,
    "ACQ_IS_PHASE_STABILIZATION": 31,
}
REVERSE = 22
SEPARATE = ("contrast", "phase", "repetition", "set")
EMPTIEST = 8  # grid points a measured one; half of k-space along each of three axes


@dataclass(frozen=True)
class Lines:
    """The acquisitions that make the images; arrays have one entry for each of them.

    Attributes:
        index: where in the file's table, rising.
        place: int (3, n), (slab, kz, ky) on the grid.
        reverse: bool (n), whether its samples run backwards.
        used: which samples count, of those in each readout, once turned where reversed.
        at: where on the grid's x these belong.
        samples: in each readout.
        slabs: slices of a two-dimensional scan, slabs of a three-dimensional one.
        size: of the grid, (x, y, z); z is 1 where partitions are not encoded.
    """

    index: np.ndarray
    place: np.ndarray
    reverse: np.ndarray
    used: slice
    at: slice
    samples: int
    coils: int
    slabs: int
    size: tuple[int, int, int]
    sampling: Sampling


def choose(heads: np.ndarray, grid: Grid) -> Lines:
    """The lines of a file from its acquisitions' headers, in the order of the file.

    Raises:
        ValueError: nothing but calibration, several encodings, receivers or lengths of readout
            that differ, lines outside the grid, undersampled, several images of a slice.
    """
    index = np.flatnonzero((heads["flags"] & _bits(*LEFT_OUT.values())) == 0)
    if not len(index):
        raise ValueError("there is no acquisition but of noise or for calibration")
    heads = heads[index]
    if heads["encoding_space_ref"].any():
        raise ValueError("it has several encoding spaces; write one file for each")
    coils, samples = _one(heads, "active_channels"), _one(heads, "number_of_samples")
    size = (*grid.size[:2], grid.size[2] if np.ptp(heads["idx"]["kspace_encode_step_2"]) else 1)
    place = _places(heads, grid.centres, size)
    slabs = int(place[0].max()) + 1
    reverse = (heads["flags"] & _bits(REVERSE)) != 0
    used, at = _readout(heads, reverse, samples, size[0])
    _refuse_empty(math.prod(size) * slabs, len(index) * samples)
    label = _sampling(heads, place, (slabs, size[2], size[1]))
    if lopsided(at, size[0]):
        label = "partial Fourier"
    return Lines(index, place, reverse, used, at, samples, coils, slabs, size, label)


def _bits(*numbers: int) -> np.uint64:
    return np.uint64(sum(1 << (number - 1) for number in numbers))


def _one(heads: np.ndarray, name: str) -> int:
    values = np.unique(heads[name])
    if len(values) > 1 or not values[0]:
        raise ValueError(f"{name} is {', '.join(map(str, values[:5]))}, not one and positive")
    return int(values[0])


def _places(heads: np.ndarray, centres: tuple[int, int], size: tuple[int, int, int]) -> np.ndarray:
    idx = heads["idx"]
    slab = np.unique(idx["slice"], return_inverse=True)[1]
    ky = idx["kspace_encode_step_1"].astype(np.int64) - centres[0] + size[1] // 2
    kz = np.zeros_like(ky)
    if size[2] > 1:
        kz = idx["kspace_encode_step_2"].astype(np.int64) - centres[1] + size[2] // 2
    for name, at, n in (("1", ky, size[1]), ("2", kz, size[2])):
        if at.min() < 0 or at.max() >= n:
            raise ValueError(f"kspace_encode_step_{name} leads out of a matrix of {n}")
    return np.stack([slab, kz, ky])


def _readout(
    heads: np.ndarray, reverse: np.ndarray, samples: int, size: int
) -> tuple[slice, slice]:
    """Samples that count, and where on a readout of ``size`` they belong; the same for all."""
    centre = heads["center_sample"].astype(np.int64)
    first = size // 2 - np.where(reverse, samples - 1 - centre, centre)
    if samples == size:
        # as long as the grid they fit in one place only: some files leave the centre unset, and
        # some count it in a reversed readout as if it were turned already
        first[(centre == 0) | (reverse & (np.abs(first) <= 1))] = 0
    before, after = (heads[f"discard_{end}"].astype(np.int64) for end in ("pre", "post"))
    start = np.where(reverse, after, before)
    stop = samples - np.where(reverse, before, after)
    if np.ptp(np.stack([first, start, stop]), axis=1).any():
        raise ValueError("its readouts do not all cover the same stretch of k-space")
    used = slice(int(start[0]), int(stop[0]))
    at = slice(int(first[0]) + used.start, int(first[0]) + used.stop)
    if used.start >= used.stop or at.start < 0 or at.stop > size:
        reason = f"{samples} samples about center_sample {centre[0]} lead out of a matrix of {size}"
        raise ValueError(reason)
    return used, at


def _refuse_empty(points: int, measured: int) -> None:
    if points > EMPTIEST * measured:
        reason = f"its matrix has {points} points, of which {measured} were acquired"
        raise ValueError(f"undersampled, or absurd: {reason}")


def _sampling(heads: np.ndarray, place: np.ndarray, shape: tuple[int, int, int]) -> Sampling:
    idx = heads["idx"]
    alone = np.ones(len(heads), bool)
    for name in SEPARATE:
        alone &= idx[name] == idx[name].min()
    measured = np.zeros(shape, bool)
    measured[tuple(place[:, alone])] = True
    labels = {sampling(plane) for plane in measured}
    for name in SEPARATE:
        if n := np.ptp(idx[name]):
            raise ValueError(f"it holds {n + 1} of {name!r}; write one file for each")
    if (measured != measured[0]).any():
        raise ValueError("undersampled: not every slice has the same lines")
    where = np.ravel_multi_index((*place, idx["average"]), (*shape, 1 << 16))
    if len(np.unique(where)) < len(where):
        raise ValueError("a line was acquired twice in one average; that is not known here")
    return labels.pop()
