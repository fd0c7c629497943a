"""Small files in the layouts that the readers know."""

from collections.abc import Callable
from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)

SPACING = (2.0, 3.0, 4.0)  # x, y, z [mm]


@pytest.fixture
def write_nifti(tmp_path: Path) -> Callable[..., Path]:
    """Write a canonical (x, y, z) array in any stored orientation."""

    def write(name: str, array: np.ndarray, codes: str = "RAS", affine=None) -> Path:
        affine = np.diag([*SPACING, 1.0]) if affine is None else affine
        turn = ornt_transform(io_orientation(affine), axcodes2ornt(codes))
        stored = apply_orientation(array, turn)
        affine = affine @ inv_ornt_aff(turn, array.shape[:3])
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.Nifti1Image(stored, affine).to_filename(path)
        return path

    return write


@pytest.fixture
def write_h5(tmp_path: Path) -> Callable[..., Path]:
    """Write data sets, and attributes, of an HDF5 file."""

    def write(name: str, attributes: dict | None = None, **data: object) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            for key, value in data.items():
                file[key] = value
            file.attrs.update(attributes or {})
        return path

    return write


@pytest.fixture
def head() -> np.ndarray:
    """Canonical (x, y, z) volume, float32, with no symmetry at all."""
    volume = np.zeros((7, 9, 5), np.float32)
    volume[1:5, 2:8, 1:4] = 1
    volume[5, 7, 3], volume[2, 1, 0], volume[1, 3, 4] = 5, 3, 2
    return volume


@pytest.fixture
def kspace() -> np.ndarray:
    """Single-coil k-space, complex64 (slice 3, ky 12, kx 10)."""
    rng = np.random.default_rng(0)
    parts = rng.normal(size=(2, 3, 12, 10)).astype(np.float32)
    return parts[0] + 1j * parts[1]
