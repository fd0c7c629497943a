"""Files made to do harm: each function writes one and gives its path."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import h5py
import nibabel
import numpy as np
import scipy.io

from .writers import AFFINE, IMAGE, RAW, bids, write_matlab73

ZEROS = bytes(1 << 26)
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)).replace("&l0;", "&l;")
    + "]><a>&l9;</a>"
)


class Runs:
    """What a pickle could do: anything."""

    def __reduce__(self) -> tuple:
        return (print, ("a pickle was run",))


@cache
def packed_zeros() -> bytes:
    """64 MiB as a member of a gzip file, of which a file may have any number."""
    return gzip.compress(ZEROS, 6)


def nifti_bomb(folder: Path) -> Path:
    """4 GiB of zeros in 4 MB, and a header that claims just these."""
    return write_packed(folder / "v.nii.gz", (1024, 1024, 1023), np.float32, 64)


def nifti_of_zeros(folder: Path) -> Path:
    """As much as a small file may claim: 2**27 voxels from 130 KB."""
    return write_packed(folder / "v.nii.gz", (512, 512, 512), np.uint8, 2)


def nifti_extension(folder: Path) -> Path:
    """An extension of 2 GiB before the data, of which the stream has zeros."""
    extension = bytes([1, 0, 0, 0]) + np.array([2**31 - 512, 4], "<i4").tobytes()
    return write_packed(folder / "v.nii.gz", (4, 4, 4), np.uint8, 33, extension, 2**31)


def write_packed(path, shape, dtype, members, extension=bytes(4), offset=352) -> Path:
    """NIfTI of zeros, but for one voxel at the start."""
    header = nibabel.Nifti1Header()
    header.set_data_dtype(dtype)
    header.set_data_shape(shape)
    header.set_sform(AFFINE, 1)
    header["vox_offset"] = offset
    start = gzip.compress(header.binaryblock + extension + b"\1\1\1\1")
    path.write_bytes(start + members * packed_zeros())
    return path


def nifti_cut_trailer(folder: Path) -> Path:
    path = folder / "v.nii.gz"
    nibabel.Nifti1Image(IMAGE.T, AFFINE).to_filename(path)
    path.write_bytes(path.read_bytes()[:-4] + b"\xff\xff\xff\xff")
    return path


def nifti_needles(folder: Path) -> Path:
    """Pixels so long that a square field of view has 10**9 of them."""
    nibabel.Nifti1Image(IMAGE.T, np.diag([1e-5, 1e2, 1, 1])).to_filename(folder / "v.nii")
    return folder / "v.nii"


def npy_terabyte(folder: Path) -> Path:
    with (folder / "v.npy").open("wb") as file:
        header = {"descr": "<c8", "fortran_order": False, "shape": (2**17, 1024, 1024)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(1000))
    return folder / "v.npy"


def npy_negative(folder: Path) -> Path:
    with (folder / "v.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (-4, -4, 4)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(256))
    return folder / "v.npy"


def npy_pickle(folder: Path) -> Path:
    np.save(folder / "v.npy", np.array([Runs()] * 8).reshape(2, 2, 2), allow_pickle=True)
    return folder / "v.npy"


def npz_pickle(folder: Path) -> Path:
    np.savez(folder / "v.npz", kspace=np.array([Runs()] * 8).reshape(2, 2, 2), allow_pickle=True)
    return folder / "v.npz"


def npz_bomb(folder: Path) -> Path:
    """320 MiB of zeros in 1 MB."""
    header = io.BytesIO()
    facts = {"descr": "<c8", "fortran_order": False, "shape": (40, 1024, 1024)}
    np.lib.format.write_array_header_1_0(header, facts)
    with (
        zipfile.ZipFile(folder / "v.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("kspace.npy", "w") as member,
    ):
        member.write(header.getvalue())
        for _ in range(40):
            member.write(ZEROS[: 1 << 23])
    return folder / "v.npz"


def npz_liar(folder: Path) -> Path:
    """A member that unpacks to more than its array."""
    content = io.BytesIO()
    np.save(content, RAW)
    with zipfile.ZipFile(folder / "v.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kspace.npy", content.getvalue() + ZEROS[: 1 << 20])
    return folder / "v.npz"


def npz_lzma(folder: Path) -> Path:
    """Packed by a method whose memory the file chooses."""
    content = io.BytesIO()
    np.save(content, RAW)
    with zipfile.ZipFile(folder / "v.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("kspace.npy", content.getvalue())
    return folder / "v.npz"


def npz_outside(folder: Path) -> Path:
    """A name that leads out of the folder, for a program that unpacks to files."""
    content = io.BytesIO()
    np.save(content, RAW)
    with zipfile.ZipFile(folder / "v.npz", "w") as archive:
        archive.writestr("../../outside.npy", content.getvalue())
    return folder / "v.npz"


def mat_cells(folder: Path) -> Path:
    """Objects of MATLAB where numbers are expected."""
    cells = np.empty((2, 2, 2), object)
    cells[...] = "text"
    scipy.io.savemat(folder / "v.mat", {"kspace": cells})
    return folder / "v.mat"


def mat_bomb(folder: Path) -> Path:
    variables = {"kspace": np.zeros((512, 512, 150), np.int8)}
    scipy.io.savemat(folder / "v.mat", variables, do_compression=True)
    return folder / "v.mat"


def mat73_references(folder: Path) -> Path:
    write_matlab73(folder / "v.mat", te=np.ones((1, 1)))
    with h5py.File(folder / "v.mat", "r+") as file:
        data = file.create_dataset("kspace", (2, 2, 2), h5py.ref_dtype)
        data.attrs["MATLAB_class"] = np.bytes_("cell")
    return folder / "v.mat"


def h5_terabyte(folder: Path) -> Path:
    """Chunks that were never written."""
    with h5py.File(folder / "v.h5", "w") as file:
        file.create_dataset("kspace", (2**17, 1024, 1024), "c8", chunks=(1, 64, 64))
    return folder / "v.h5"


def h5_of_zeros(folder: Path) -> Path:
    """As much as a small file may claim."""
    with h5py.File(folder / "v.h5", "w") as file:
        layout = {"chunks": (1, 1024, 1024), "compression": 1}
        data = file.create_dataset("kspace", (20, 1024, 1024), "c8", **layout)
        data[3, 4, 5] = 1
        for number in range(20):
            data[number] = data[number]
    return folder / "v.h5"


def h5_chunk(folder: Path) -> Path:
    """A small array that lies in a chunk of 3 GiB."""
    with h5py.File(folder / "v.h5", "w") as file:
        shape, most, chunk = (1, 4, 4), (None,) * 3, (24, 4096, 4096)
        options = {"maxshape": most, "chunks": chunk, "compression": 1}
        data = file.create_dataset("kspace", shape, "c8", **options)
        data.id.write_direct_chunk((0, 0, 0), bytes(100))
    return folder / "v.h5"


def h5_link(folder: Path) -> Path:
    with h5py.File(folder / "other.h5", "w") as file:
        file["secret"] = RAW
    with h5py.File(folder / "v.h5", "w") as file:
        file["kspace"] = h5py.ExternalLink("other.h5", "secret")
    return folder / "v.h5"


def h5_external(folder: Path) -> Path:
    """Data taken from any file that the reader may open."""
    (folder / "secret").write_bytes(RAW.tobytes())
    with h5py.File(folder / "v.h5", "w") as file:
        place = [(str(folder / "secret"), 0, RAW.nbytes)]
        file.create_dataset("kspace", RAW.shape, "c8", external=place)
    return folder / "v.h5"


def h5_virtual(folder: Path) -> Path:
    with h5py.File(folder / "other.h5", "w") as file:
        file["secret"] = RAW
    layout = h5py.VirtualLayout(RAW.shape, RAW.dtype)
    layout[...] = h5py.VirtualSource(folder / "other.h5", "secret", RAW.shape)
    with h5py.File(folder / "v.h5", "w") as file:
        file.create_virtual_dataset("kspace", layout)
    return folder / "v.h5"


def h5_laughs(folder: Path) -> Path:
    """XML entities that grow to 3 GB."""
    with h5py.File(folder / "v.h5", "w") as file:
        file["kspace"] = RAW
        file["ismrmrd_header"] = LAUGHS
    return folder / "v.h5"


def h5_laughs_in_utf16(folder: Path) -> Path:
    with h5py.File(folder / "v.h5", "w") as file:
        file["kspace"] = RAW
        file["ismrmrd_header"] = np.void(LAUGHS.encode("utf-16"))
    return folder / "v.h5"


def sidecar_nested(folder: Path) -> Path:
    path = bids(folder)
    path.with_name("sub-01_T1w.json").write_text("[" * 100_000)
    return path


def sidecar_huge(folder: Path) -> Path:
    path = bids(folder)
    path.with_name("sub-01_T1w.json").write_text(json.dumps({"a": "b" * (1 << 21)}))
    return path


REFUSED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("nifti", nifti_bomb, "claims 4,.* MiB of memory"),
    ("nifti", nifti_extension, "claims 2,.* MiB of memory"),
    ("nifti", nifti_cut_trailer, "truncated"),
    ("nifti", nifti_needles, "is absurd"),
    ("numpy", npy_terabyte, "truncated"),
    ("numpy", npy_negative, "of shape"),
    ("numpy", npy_pickle, "holds object, not numbers"),
    ("numpy", npz_pickle, "holds object, not numbers"),
    ("numpy", npz_bomb, "claims 640 MiB of memory"),
    ("numpy", npz_lzma, "packed in an unknown way"),
    ("numpy", npz_liar, "has .* bytes, not"),
    ("matlab", mat_cells, "which variable is meant"),
    ("matlab", mat_bomb, "claims 600 MiB of memory"),
    ("matlab", mat73_references, "which variable is meant"),
    ("fastmri", h5_terabyte, "was ever written"),
    ("fastmri", h5_chunk, "MiB of memory"),
    ("fastmri", h5_link, "is a link"),
    ("fastmri", h5_external, "lie in another file"),
    ("fastmri", h5_virtual, "lie in another file"),
    ("fastmri", h5_laughs, "a document type is not allowed"),
    ("fastmri", h5_laughs_in_utf16, "cannot be used"),
    ("bids", sidecar_nested, "is no JSON"),
    ("bids", sidecar_huge, "too large for a sidecar"),
]
READ: list[tuple[str, Callable[[Path], Path]]] = [
    ("fastmri", h5_of_zeros),
    ("nifti", nifti_of_zeros),
    ("numpy", npz_outside),
]
