"""Files of simulated subjects: layout, orientation, and the same bytes for the same seed."""

import hashlib
from pathlib import Path

import h5py
import ismrmrd.xsd as xsd
import nibabel as nib
import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.settings import Simulation
from phasegen.steps import simulate
from phasegen.steps.simulate import SCANNER_MAXIMUM, simulate_subject, simulate_subjects

SIMULATION = Simulation(groups={"one": 1, "two": 1}, contrasts=["T1w", "T2w"], matrix=48, slices=3)
SEED = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    for names in SIMULATION.subjects().values():
        for name in names:
            simulate_subject(name, folder, SIMULATION, SEED)
    return folder


def digests(folder: Path, subject: str) -> list[str]:
    files = [folder / name for name in SIMULATION.files(subject)]
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_a_group_may_have_other_slices(tmp_path):
    simulation = SIMULATION.model_copy(update={"contrasts": ["T1w"], "slices_of": {"two": 2}})
    for name, slices in (("sub-001", 3), ("sub-002", 2)):
        simulate_subject(name, tmp_path, simulation, SEED)
        with h5py.File(tmp_path / simulation.raw_file(name, "T1w")) as file:
            assert len(file["kspace"]) == slices
        assert nib.load(tmp_path / simulation.mask_file(name)).shape[2] == slices


def test_names_run_on_over_the_groups():
    simulation = Simulation(groups={"b": 2, "a": 1})
    assert simulation.subjects() == {"b": ["sub-001", "sub-002"], "a": ["sub-003"]}
    assert simulation.group_of("sub-003") == "a"
    assert simulation.raw_file("sub-003", "T1w") == "a/sub-003/sub-003_T1w.h5"
    with pytest.raises(KeyError):
        simulation.group_of("sub-004")


def test_all_files_and_nothing_else(folder):
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert found == {*SIMULATION.files("sub-001"), *SIMULATION.files("sub-002")}


def test_raw_is_in_the_fastmri_layout(folder):
    with h5py.File(folder / SIMULATION.raw_file("sub-001", "T2w")) as file:
        kspace, image = file["kspace"], file["reconstruction_esc"]
        assert (kspace.dtype, kspace.shape) == (np.complex64, (3, 48, 48))
        assert (image.dtype, image.shape) == (np.float32, (3, 48, 48))
        np.testing.assert_array_equal(np.abs(to_image(kspace[:])), image[:])
        assert file.attrs["max"] == image[:].max()
        assert file.attrs["norm"] == pytest.approx(np.linalg.norm(image[:].ravel()))
        assert file.attrs["patient_id"] == f"sub-001-of-{SEED}"
        assert file.attrs["acquisition"] == "AXT2"
        header = xsd.CreateFromDocument(file["ismrmrd_header"][()])
    assert header.encoding[0].encodedSpace.matrixSize.x == 48
    assert [round(te, 6) for te in header.sequenceParameters.TE] == [100.0]
    assert header.acquisitionSystemInformation.systemFieldStrength_T == 3.0


def test_magnitude_is_the_image_of_the_raw_data(folder):
    """Canonical RAS+, shown from anterior to posterior, is the image of the k-space."""
    image = nib.as_closest_canonical(nib.load(folder / SIMULATION.magnitude_file("sub-002", "T1w")))
    volume = np.asarray(image.dataobj)
    assert volume.dtype == np.uint16
    assert volume.max() == SCANNER_MAXIMUM
    with h5py.File(folder / SIMULATION.raw_file("sub-002", "T1w")) as file:
        raw = np.abs(to_image(file["kspace"][:]))
    shown = volume[:, ::-1].transpose(2, 1, 0)
    np.testing.assert_allclose(shown / SCANNER_MAXIMUM * raw.max(), raw, atol=raw.max() / 8000)


def test_geometry(folder):
    magnitude = nib.load(folder / SIMULATION.magnitude_file("sub-001", "T1w"))
    mask = nib.load(folder / SIMULATION.mask_file("sub-001"))
    np.testing.assert_array_equal(magnitude.affine, mask.affine)
    assert nib.aff2axcodes(magnitude.affine) == ("R", "A", "S")
    assert magnitude.header.get_zooms()[:2] == (5.0, 5.0)
    assert magnitude.header.get_zooms()[2] > 30
    assert magnitude.header.get_xyzt_units()[0] == "mm"
    brain = np.asarray(mask.dataobj)
    assert brain.dtype == np.uint8
    assert set(np.unique(brain)) == {0, 1}
    x, y, z = nib.affines.apply_affine(mask.affine, np.argwhere(brain)).mean(0)
    assert abs(x) < 15
    assert -45 < y < 10
    assert -10 < z < 40


def test_the_face_looks_forward(folder):
    """In the lowest slice the eyes, bright in T2w, lie before the brain: in the upper rows."""
    with h5py.File(folder / SIMULATION.raw_file("sub-001", "T2w")) as file:
        lowest = np.abs(to_image(file["kspace"][0]))
    rows = np.argwhere(lowest > 0.6 * lowest.max())[:, 0]
    assert rows.min() < 16


def test_same_seed_same_bytes_other_seed_other_bytes(folder, tmp_path):
    simulate_subject("sub-001", tmp_path / "again", SIMULATION, SEED)
    assert digests(tmp_path / "again", "sub-001") == digests(folder, "sub-001")
    simulate_subject("sub-001", tmp_path / "other", SIMULATION, SEED + 1)
    pairs = zip(digests(tmp_path / "other", "sub-001"), digests(folder, "sub-001"), strict=True)
    assert all(first != second for first, second in pairs)


def test_subjects_differ(folder):
    assert not set(digests(folder, "sub-001")) & set(digests(folder, "sub-002"))


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(simulate.gzip, "compress", fail)
    with pytest.raises(OSError, match="disk full"):
        simulate_subject("sub-001", tmp_path, SIMULATION, SEED)
    names = [file.name for file in tmp_path.rglob("*") if file.is_file()]
    assert names == ["sub-001_T1w.h5"]


def test_one_slice_is_enough(tmp_path):
    single = Simulation(groups={"a": 1}, contrasts=["PDw"], matrix=32, slices=1)
    simulate_subject("sub-001", tmp_path, single, SEED)
    volume = nib.load(tmp_path / single.magnitude_file("sub-001", "PDw"))
    assert volume.shape == (32, 32, 1)


def test_where_the_first_subject_is_all_others_are(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        "phasegen.steps.simulate.simulate_subject", lambda subject, *_: made.append(subject)
    )
    simulate_subjects(["sub-001", "sub-002", "sub-003"], tmp_path, SIMULATION, SEED)
    assert made == ["sub-002", "sub-003", "sub-001"]
