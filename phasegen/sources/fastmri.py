"""Raw data from HDF5 in the fastMRI layout (also M4Raw), single- and multi-coil.

``kspace`` is complex, (slice, ky, kx) or (slice, coil, ky, kx), with the zero frequency at
index ``n // 2``; rows are the readout. ``ismrmrd_header`` and ``reconstruction_esc`` or
``reconstruction_rss`` are used where they are there.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from phasegen.sources.base import BadFile, Fact, Header
from phasegen.sources.hdf5 import find, open_hdf5, refuse_dataset
from phasegen.sources.ismrmrd_xml import Encoding, parse

RECONSTRUCTIONS = ("reconstruction_esc", "reconstruction_rss")


class FastmriReader:
    """Reader of fastMRI-layout ``.h5`` and ``.hdf5``."""

    roles = ("raw",)
    suffixes = (".h5", ".hdf5")

    def read_header(self, path: Path) -> Header:
        """Header of one volume; ``facts`` hold the scalar attributes of the file.

        Raises:
            BadFile: not HDF5, truncated, no ``kspace``, ``kspace`` real or of another number
                of axes, an ``ismrmrd_header`` that is no XML.
        """
        with self._open(path) as (file, kspace):
            facts = _facts(file.attrs)
            encoding = _encoding(file, path)
            reference = _reconstruction_shape(file)
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
            facts=facts,
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """K-space, complex64 (slice, coil, ky, kx); only the slices asked for are read.

        Raises:
            BadFile: as `read_header`, and data that cannot be read.
        """
        # a complex128 beyond complex64 becomes inf, which read_volume refuses by name
        with self._open(path) as (_, kspace), np.errstate(over="ignore", invalid="ignore"):
            data = kspace[start:stop].astype(np.complex64, copy=False)
        return data[:, None] if data.ndim == 3 else data

    @contextmanager
    def _open(self, path: Path) -> Iterator[tuple[h5py.File, h5py.Dataset]]:
        with open_hdf5(path, self.suffixes) as file:
            yield file, _kspace(file, path)


def _kspace(file: h5py.File, path: Path) -> h5py.Dataset:
    kspace = find(file, "kspace")
    if not isinstance(kspace, h5py.Dataset):
        found = ", ".join(file) or "nothing"
        raise BadFile(path, f"has no data set 'kspace', only {found}", "is it the right layout?")
    if kspace.dtype.kind != "c":
        raise BadFile(path, f"'kspace' is {kspace.dtype}, not complex", "another reader may fit")
    if kspace.ndim not in (3, 4) or 0 in kspace.shape:
        wanted = "(slice, ky, kx) or (slice, coil, ky, kx)"
        raise BadFile(path, f"'kspace' has shape {kspace.shape}, not {wanted}")
    refuse_dataset(path, kspace)
    return kspace


def _encoding(file: h5py.File, path: Path) -> Encoding | None:
    xml = find(file, "ismrmrd_header")
    if xml is None:
        return None
    try:
        return parse(xml.asstr()[()])
    except (AttributeError, ValueError, TypeError, OSError) as error:
        raise BadFile(path, f"its 'ismrmrd_header' cannot be used: {error}") from None


def _reconstruction_shape(file: h5py.File) -> tuple[int, int] | None:
    for name in RECONSTRUCTIONS:
        data = find(file, name)
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
