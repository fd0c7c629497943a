"""Small files in the layouts that the readers know."""

from collections.abc import Callable
from pathlib import Path

import h5py
import ismrmrd
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


ISMRMRD_XML = """<?xml version="1.0"?>
<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">
 <acquisitionSystemInformation><systemFieldStrength_T>1.5</systemFieldStrength_T>
 </acquisitionSystemInformation>
 <experimentalConditions><H1resonanceFrequency_Hz>63500000</H1resonanceFrequency_Hz>
 </experimentalConditions>
 <encoding>
  <encodedSpace><matrixSize><x>{x}</x><y>{y}</y><z>{z}</z></matrixSize>
   <fieldOfView_mm><x>{fov_x}</x><y>{fov_y}</y><z>{slab}</z></fieldOfView_mm></encodedSpace>
  <reconSpace><matrixSize><x>8</x><y>8</y><z>1</z></matrixSize>
   <fieldOfView_mm><x>{shown_x}</x><y>{shown_y}</y><z>{thickness}</z></fieldOfView_mm></reconSpace>
  <encodingLimits>
   <kspace_encoding_step_1><minimum>0</minimum><maximum>99</maximum><center>{centre}</center>
   </kspace_encoding_step_1>
   <kspace_encoding_step_2><minimum>0</minimum><maximum>99</maximum><center>{centre_2}</center>
   </kspace_encoding_step_2>
  </encodingLimits>
  <trajectory>{trajectory}</trajectory>
 </encoding>
 <sequenceParameters><TR>500</TR><TE>12.5</TE></sequenceParameters>
</ismrmrdHeader>"""


@pytest.fixture
def ismrmrd_xml() -> Callable[..., str]:
    """Header of a 16 x 12 matrix, twofold oversampled along x, with any field changed."""

    def fill(**changes: object) -> str:
        fields = {"x": 16, "y": 12, "z": 1, "fov_x": 320, "fov_y": 240, "slab": 5}
        fields |= {"shown_x": 160, "shown_y": 240, "thickness": 5, "trajectory": "cartesian"}
        fields |= {"centre": fields["y"] // 2, "centre_2": 0}
        return ISMRMRD_XML.format(**(fields | changes))

    return fill


@pytest.fixture
def write_ismrmrd(tmp_path: Path) -> Callable[..., Path]:
    """Write acquisitions by the package ``ismrmrd``.

    Each is a dictionary: ``data`` (coil, sample), ``flags`` as bits by their number, fields of
    the header and, by their own names, the counters of ``idx``.
    """

    def write(name: str, xml: str, lines: list[dict]) -> Path:
        counters = {field for field, _ in ismrmrd.EncodingCounters._fields_}
        with ismrmrd.Dataset(str(tmp_path / name)) as file:
            file.write_xml_header(xml)
            for line in lines:
                acquisition = ismrmrd.Acquisition.from_array(line["data"])
                for field, value in line.items():
                    if field == "flags":
                        for flag in value:
                            acquisition.set_flag(flag)
                    elif field != "data":
                        setattr(acquisition.idx if field in counters else acquisition, field, value)
                file.append_acquisition(acquisition)
        return tmp_path / name

    return write
