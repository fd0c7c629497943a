"""Raw data from HDF5 in the fastMRI layout (also M4Raw), single- and multi-coil.

``kspace`` is complex, (slice, ky, kx) or (slice, coil, ky, kx), with the zero frequency at
index ``n // 2``; rows are the readout. ``ismrmrd_header`` and ``reconstruction_esc`` or
``reconstruction_rss`` are used where they are there. Files of the challenge's test sets are
undersampled (they hold the ``mask`` they were sampled with) and are refused.
"""

import math
from pathlib import Path

import h5py
import numpy as np

from phasegen.sources.base import BadFile, Fact, Header, Sampling
from phasegen.sources.hdf5 import SUFFIXES, find, members, opened, refuse_claims, text
from phasegen.sources.ismrmrd_xml import Encoding, parse
from phasegen.sources.sampling import sampling

FULL_SETS = "training and validation sets are fully sampled"
RECONSTRUCTIONS = ("reconstruction_esc", "reconstruction_rss")


class FastmriReader:
    """Reader of fastMRI-layout ``.h5`` and ``.hdf5``."""

    roles = ("raw",)
    suffixes = SUFFIXES

    def read_header(self, path: Path) -> Header:
        """Header of one volume; ``facts`` hold the scalar attributes of the file.

        Of the data one coil of the middle slice is read, to see which lines are zero.

        Raises:
            BadFile: not HDF5, truncated, no ``kspace``, ``kspace`` real or of another number
                of axes, an ``ismrmrd_header`` that is no XML, undersampled.
        """
        with opened(path) as file:
            kspace = _kspace(file, path)
            facts = _facts(file.attrs)
            encoding = _encoding(file, path)
            reference = _reconstruction_shape(file, path)
            measured = _sampling(kspace, path)
            shape = (kspace.shape[-2], kspace.shape[-1])
            slices, coils = kspace.shape[0], 1 if kspace.ndim == 3 else kspace.shape[1]
        spacing = thickness = None
        if encoding:
            reference = encoding.field_of_view(shape)
            spacing, thickness = encoding.spacing(shape), encoding.thickness_mm
            facts = encoding.facts | facts
        return Header(
            path=path,
            role="raw",
            slices=slices,
            coils=coils,
            shape=shape,
            recon_shape=_smaller(reference, shape),
            spacing_mm=spacing,
            slice_spacing_mm=thickness,
            sampling=measured,
            facts=facts,
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """K-space, complex64 (slice, coil, ky, kx); only the slices asked for are read.

        Raises:
            BadFile: as `read_header`, but for ``ismrmrd_header`` and zero lines, and data that
                cannot be read.
        """
        with opened(path) as file:
            data = _kspace(file, path)[start:stop].astype(np.complex64, copy=False)
        return data[:, None] if data.ndim == 3 else data


def _kspace(file: h5py.File, path: Path) -> h5py.Dataset:
    kspace = find(file, "kspace", path)
    if not isinstance(kspace, h5py.Dataset):
        reason = f"has no data set 'kspace', only {members(file)}"
        raise BadFile(path, reason, "is it the right layout?")
    if kspace.dtype.kind != "c":
        raise BadFile(path, f"'kspace' is {kspace.dtype}, not complex", "another reader may fit")
    if kspace.ndim not in (3, 4) or 0 in kspace.shape:
        wanted = "(slice, ky, kx) or (slice, coil, ky, kx)"
        raise BadFile(path, f"'kspace' has shape {kspace.shape}, not {wanted}")
    if find(file, "mask", path) is not None:
        raise BadFile(path, "undersampled: it comes with a 'mask'", FULL_SETS)
    refuse_claims(kspace, path)
    return kspace


def _sampling(kspace: h5py.Dataset, path: Path) -> Sampling:
    middle = kspace.shape[0] // 2
    plane = kspace[middle] if kspace.ndim == 3 else kspace[middle, 0]
    try:
        return sampling(plane != 0)
    except ValueError as error:
        raise BadFile(path, str(error), FULL_SETS) from None


def _encoding(file: h5py.File, path: Path) -> Encoding | None:
    xml = find(file, "ismrmrd_header", path)
    if xml is None:
        return None
    try:
        return parse(text(xml))
    except (AttributeError, ValueError, TypeError, OSError) as error:
        raise BadFile(path, f"its 'ismrmrd_header' cannot be used: {error}") from None


def _reconstruction_shape(file: h5py.File, path: Path) -> tuple[int, int] | None:
    for name in RECONSTRUCTIONS:
        data = find(file, name, path)
        if isinstance(data, h5py.Dataset) and data.ndim >= 2:
            return data.shape[-2], data.shape[-1]
    return None


def _smaller(reference: tuple[int, int] | None, shape: tuple[int, int]) -> tuple[int, int]:
    if reference is None:
        return shape
    return min(reference[0], shape[0]), min(reference[1], shape[1])


def _facts(attributes: h5py.AttributeManager) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, value in attributes.items():
        plain = value.item() if isinstance(value, np.generic) else value
        if isinstance(plain, str):
            plain = plain.encode(errors="replace")
        if isinstance(plain, bytes):
            plain = plain.decode(errors="replace")
        is_fact = isinstance(plain, str | bool | int)
        # a name that is no UTF-8 comes as bytes
        if isinstance(name, str) and (
            is_fact or (isinstance(plain, float) and math.isfinite(plain))
        ):
            facts[name] = plain
    return facts
