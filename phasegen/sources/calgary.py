"""Raw data of the Calgary-Campinas set (CC-359): T1 volumes of 12 or 32 coils, 1 mm isotropic.

``kspace`` is real, (slice, H, W, 2 * coils), real and imaginary parts of a coil side by side. The
readout is transformed already and counts the slices; H is phase and W slice encoding. The image
is ``ifft2`` over (H, W) with no shift of the image, so that heads come out in the middle.

Where the zero frequency lies decides the phase alone, and there both layouts are met: in the
corner, and (the published 12-coil files, as their public readers take them) at index ``n // 2``,
where the plain ``ifft2`` has an alternating sign from pixel to pixel that belongs to no tissue.
The place is found from the energy of the middle slice, and either is brought to ours.

The last 15 % or so of the W lines may be zero (partial Fourier). The test sets, undersampled in
both directions, are refused.

Source: Souza et al., NeuroImage 170 (2018) 482; Beauferris et al., Front. Neurosci. 16 (2022)
919186.
"""

from pathlib import Path

import h5py
import numpy as np

from phasegen.sources.base import BadFile, Header, Sampling
from phasegen.sources.hdf5 import SUFFIXES, find, members, opened, refuse_claims
from phasegen.sources.sampling import sampling

SPACING_MM = 1.0  # by the publication; the files do not say


class CalgaryReader:
    """Reader of the Calgary-Campinas raw data, ``.h5`` and ``.hdf5``."""

    roles = ("raw",)
    suffixes = SUFFIXES

    def read_header(self, path: Path) -> Header:
        """Header of one volume; rows are H, columns W.

        Of the data the first coil of the middle slice is read, to see which lines are zero.

        Raises:
            BadFile: not HDF5, truncated, no ``kspace``, ``kspace`` not real or of another number
                of axes, an odd number of parts, undersampled.
        """
        with opened(path) as file:
            kspace = _kspace(file, path)
            measured = _sampling(_middle(kspace), path)
            slices, rows, columns, parts = kspace.shape
        return Header(
            path=path,
            role="raw",
            slices=slices,
            coils=parts // 2,
            shape=(rows, columns),
            recon_shape=(rows, columns),
            spacing_mm=(SPACING_MM, SPACING_MM),
            slice_spacing_mm=SPACING_MM,
            sampling=measured,
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """K-space, complex64 (slice, coil, ky, kx); only the slices asked for are read.

        The image has the magnitude of ``ifft2`` of what the file holds, and its phase too where
        the zero frequency lies in the corner.

        Raises:
            BadFile: as `read_header`, but for undersampling, and data that cannot be read.
        """
        with opened(path) as file:
            kspace = _kspace(file, path)
            corner = _in_corner(_middle(kspace))
            coils = _centred(_complex(kspace[start:stop]), corner)
            coils *= _shift_of_the_image(coils.shape[1:3])[..., None]
        return np.moveaxis(coils, 3, 1)


def _kspace(file: h5py.File, path: Path) -> h5py.Dataset:
    kspace = find(file, "kspace", path)
    if not isinstance(kspace, h5py.Dataset):
        reason = f"has no data set 'kspace', only {members(file)}"
        raise BadFile(path, reason, "is it the right layout?")
    if kspace.dtype.kind != "f":
        reason = f"'kspace' is {kspace.dtype}, not real floating-point"
        raise BadFile(path, reason, "another reader may fit")
    if kspace.ndim != 4 or 0 in kspace.shape:
        raise BadFile(path, f"'kspace' has shape {kspace.shape}, not (slice, H, W, 2 * coils)")
    if kspace.shape[3] % 2:
        reason = f"'kspace' has {kspace.shape[3]} parts, no real and imaginary one for each coil"
        raise BadFile(path, reason, "is it the right layout?")
    refuse_claims(kspace, path)
    return kspace


def _sampling(plane: np.ndarray, path: Path) -> Sampling:
    try:
        return sampling(_centred(plane, _in_corner(plane))[0, ..., 0] != 0)
    except ValueError as error:
        remedy = "the sets for training and validation are fully sampled"
        raise BadFile(path, str(error), remedy) from None


def _middle(kspace: h5py.Dataset) -> np.ndarray:
    """First coil of the middle slice as it is stored, complex64 (1, H, W, 1)."""
    return _complex(kspace[kspace.shape[0] // 2, :, :, :2])[None]


def _complex(parts: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(parts, np.float32).view(np.complex64)


def _in_corner(plane: np.ndarray) -> bool:
    """Whether the zero frequency lies at index 0, not ``n // 2``: where more of the energy is."""
    rows, columns = plane.shape[1:3]
    inner = np.s_[:, rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    as_stored, shifted = (
        np.linalg.norm(_centred(plane, corner)[inner]) for corner in (False, True)
    )
    return bool(shifted > as_stored)


def _centred(coils: np.ndarray, in_corner: bool) -> np.ndarray:
    if not in_corner:
        return coils
    return np.roll(coils, (coils.shape[1] // 2, coils.shape[2] // 2), axis=(1, 2))


def _shift_of_the_image(shape: tuple[int, int]) -> np.ndarray:
    """Factors (ky, kx) that move the image's origin from pixel 0 to ``n // 2``, as ours has it.

    With the size's root in it, since ``ifft2`` divides by the number of pixels.
    """
    rows, columns = (
        np.exp(2j * np.pi * (np.arange(n) - n // 2) * (n // 2) / n) / np.sqrt(n) for n in shape
    )
    return np.outer(rows, columns).astype(np.complex64)
