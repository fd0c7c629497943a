"""A small valid file of every format, for the tests that damage it.

A new reader needs an entry in `WRITERS`: functions that write a file below a folder and give
the path that its reader takes.
"""

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import ismrmrd
import nibabel
import numpy as np
import scipy.io

RNG = np.random.default_rng(5)
RAW = (RNG.normal(size=(3, 12, 10)) + 1j * RNG.normal(size=(3, 12, 10))).astype(np.complex64)
COILS = np.stack([RAW, 2 * RAW], axis=1)
IMAGE = np.abs(RAW)
XML = (
    '<?xml version="1.0"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"><encoding>'
    "<encodedSpace><fieldOfView_mm><x>280</x><y>162.8</y><z>4.5</z></fieldOfView_mm></encodedSpace>"
    "<reconSpace><fieldOfView_mm><x>140</x><y>140</y><z>4.5</z></fieldOfView_mm></reconSpace>"
    "</encoding><sequenceParameters><TR>2200</TR></sequenceParameters></ismrmrdHeader>"
)
ISMRMRD_XML = (
    '<?xml version="1.0"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">'
    "<experimentalConditions><H1resonanceFrequency_Hz>63500000</H1resonanceFrequency_Hz>"
    "</experimentalConditions><encoding><encodedSpace>"
    "<matrixSize><x>10</x><y>12</y><z>1</z></matrixSize>"
    "<fieldOfView_mm><x>200</x><y>240</y><z>5</z></fieldOfView_mm></encodedSpace><reconSpace>"
    "<matrixSize><x>10</x><y>12</y><z>1</z></matrixSize>"
    "<fieldOfView_mm><x>200</x><y>240</y><z>5</z></fieldOfView_mm></reconSpace>"
    "<encodingLimits><kspace_encoding_step_1><minimum>0</minimum><maximum>11</maximum>"
    "<center>6</center></kspace_encoding_step_1></encodingLimits>"
    "<trajectory>cartesian</trajectory></encoding></ismrmrdHeader>"
)
AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])


def nifti1(folder: Path) -> Path:
    return _nifti(nibabel.Nifti1Image, folder / "v.nii")


def nifti1_gz(folder: Path) -> Path:
    return _nifti(nibabel.Nifti1Image, folder / "v.nii.gz")


def nifti2(folder: Path) -> Path:
    return _nifti(nibabel.Nifti2Image, folder / "v.nii")


def _nifti(kind: type, path: Path) -> Path:
    values = (IMAGE.T * 1000).astype(np.int16)
    image = kind(values, AFFINE)
    image.header.set_slope_inter(0.5, 0)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"a note"))
    image.to_filename(path)
    return path


def bids(folder: Path) -> Path:
    anat = folder / "tree" / "sub-01" / "anat"
    anat.mkdir(parents=True, exist_ok=True)
    (folder / "tree" / "T1w.json").write_text(json.dumps({"RepetitionTime": 2.2}))
    return _nifti(nibabel.Nifti1Image, anat / "sub-01_T1w.nii.gz")


def bids_sidecar(folder: Path) -> Path:
    """The damage falls on the sidecar; the image is found beside it."""
    path = bids(folder).with_name("sub-01_T1w.json")
    path.write_text(json.dumps({"EchoTime": 0.003, "Manufacturer": "none", "Parts": [1, 2]}))
    return path


def fastmri(folder: Path) -> Path:
    return _fastmri(folder)


def fastmri_packed(folder: Path) -> Path:
    return _fastmri(folder, chunks=(1, 2, 12, 10), compression="gzip", shuffle=True)


def fastmri_latest(folder: Path) -> Path:
    return _fastmri(folder, libver="latest")


def _fastmri(folder: Path, libver: str | None = None, **layout: object) -> Path:
    path = folder / "v.h5"
    with h5py.File(path, "w", libver=libver) as file:
        file.create_dataset("kspace", data=COILS if layout else RAW, **layout)
        file["ismrmrd_header"] = XML
        file["reconstruction_esc"] = IMAGE
        file.attrs.update({"patient_id": "P7", "max": 2.0, "acquisition": b"FSE"})
    return path


def calgary(folder: Path) -> Path:
    pairs = np.stack([COILS.real, COILS.imag], axis=-1)
    with h5py.File(folder / "v.h5", "w") as file:
        file["kspace"] = pairs.transpose(0, 2, 3, 1, 4).reshape(3, 12, 10, 4)
    return folder / "v.h5"


def ismrmrd_lines(folder: Path) -> Path:
    path = folder / "v.h5"
    path.unlink(missing_ok=True)
    with ismrmrd.Dataset(str(path)) as file:
        file.write_xml_header(ISMRMRD_XML)
        for number, coils in enumerate(COILS):
            for step, line in enumerate(coils.swapaxes(0, 1)):
                acquisition = ismrmrd.Acquisition.from_array(np.ascontiguousarray(line))
                acquisition.idx.slice, acquisition.idx.kspace_encode_step_1 = number, step
                acquisition.center_sample = 5
                file.append_acquisition(acquisition)
    return path


def npy_raw(folder: Path) -> Path:
    np.save(folder / "v.npy", COILS)
    return folder / "v.npy"


def npy_fortran(folder: Path) -> Path:
    np.save(folder / "v.npy", np.asfortranarray(IMAGE.astype(np.float64)))
    return folder / "v.npy"


def npz_stored(folder: Path) -> Path:
    np.savez(folder / "v.npz", kspace=RAW, other=IMAGE)
    return folder / "v.npz"


def npz_packed(folder: Path) -> Path:
    np.savez_compressed(folder / "v.npz", IMAGE)
    return folder / "v.npz"


def matlab5(folder: Path) -> Path:
    scipy.io.savemat(folder / "v.mat", {"te": 3.0, "kspace": RAW.transpose(1, 2, 0)})
    return folder / "v.mat"


def matlab7(folder: Path) -> Path:
    variables = {"kspace": COILS.transpose(2, 3, 1, 0), "note": "text", "cell": {"a": 1}}
    scipy.io.savemat(folder / "v.mat", variables, do_compression=True)
    return folder / "v.mat"


def matlab73(folder: Path) -> Path:
    write_matlab73(folder / "v.mat", kspace=COILS.transpose(2, 3, 1, 0), te=np.array([[3.0]]))
    return folder / "v.mat"


def write_matlab73(path: Path, **variables: np.ndarray) -> None:
    """Variables as MATLAB's ``save -v7.3`` lays them out: text of 512 bytes, then HDF5."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            stored = value.T
            if np.iscomplexobj(value):
                part = stored.real.dtype
                stored = stored.astype(value.dtype).view([("real", part), ("imag", part)])
            names = {"float64": "double", "float32": "single"}
            kind = value.real.dtype.name
            file[name] = stored
            file[name].attrs["MATLAB_class"] = np.bytes_(names.get(kind, kind))
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5"
    with path.open("r+b") as file:
        file.write(text.ljust(124) + b"\x00\x02IM")


WRITERS: dict[str, list[Callable[[Path], Path]]] = {
    "bids": [bids, bids_sidecar],
    "calgary": [calgary],
    "fastmri": [fastmri, fastmri_packed, fastmri_latest],
    "ismrmrd": [ismrmrd_lines],
    "matlab": [matlab5, matlab7, matlab73],
    "nifti": [nifti1, nifti1_gz, nifti2],
    "numpy": [npy_raw, npy_fortran, npz_stored, npz_packed],
}
