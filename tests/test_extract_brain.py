"""The command ``phasegen extract-brain``."""

import subprocess
import sys

import nibabel
import numpy as np
import pytest
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, ornt_transform

from phasegen.cli import main
from phasegen.raters.files import write_volume
from phasegen.raters.registry import method
from phasegen.sources.nifti import NiftiReader

SPACING = (5.0, 3.0, 3.0)


@pytest.fixture
def volume():
    """Four slices of a lopsided head, float32 (slice, y, x)."""
    y, x = np.indices((64, 56))
    image = np.zeros((64, 56), np.float32)
    image[((y - 32) / 28) ** 2 + ((x - 28) / 24) ** 2 < 1] = 0.6
    image[((y - 32) / 25) ** 2 + ((x - 28) / 21) ** 2 < 1] = 0.05
    image[((y - 30) / 20) ** 2 + ((x - 30) / 15) ** 2 < 1] = 1
    noise = np.random.default_rng(0).uniform(0, 0.02, (4, 64, 56))
    return (image + noise).astype(np.float32)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SAL"])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_the_mask_lies_on_the_grid_of_the_file(tmp_path, capsys, volume, codes, suffix):
    plain, turned, out = (tmp_path / name for name in ("a.nii", f"b{suffix}", f"mask{suffix}"))
    write_volume(plain, volume, SPACING)
    image = nibabel.load(plain)
    turn = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(codes))
    affine = image.affine @ inv_ornt_aff(turn, image.shape)
    stored = apply_orientation(np.asarray(image.dataobj), turn)
    nibabel.save(nibabel.Nifti1Image(stored, affine), turned)
    assert main(["extract-brain", "threshold", str(turned), str(out)]) == 0
    written = nibabel.load(out)
    assert written.shape == stored.shape
    np.testing.assert_array_equal(written.affine, nibabel.load(turned).affine)
    expected = method("threshold")(volume, SPACING)
    np.testing.assert_array_equal(NiftiReader().read_mask(out), expected)
    assert capsys.readouterr().out == f"{out}: {expected.sum()} voxels of brain\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [plain.name, turned.name, out.name]
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("gone.nii", "mask.nii"), "no such file"),
        (("a.nii", "mask.png"), "does not end in .nii or .nii.gz"),
        (("a.nii", "a.nii"), "is the volume itself"),
    ],
)
def test_bad_names_are_one_line(tmp_path, capsys, volume, names, message):
    write_volume(tmp_path / "a.nii", volume, SPACING)
    assert main(["extract-brain", "threshold", *(str(tmp_path / name) for name in names)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.nii"]


def test_where_there_is_no_brain_no_mask_is_written(tmp_path, capsys):
    flat = np.zeros((3, 40, 40), np.float32)
    flat[:, 20, 20] = 1
    write_volume(tmp_path / "a.nii", flat, SPACING)
    assert (
        main(["extract-brain", "watershed_2d", str(tmp_path / "a.nii"), str(tmp_path / "m.nii")])
        == 1
    )
    assert "watershed_2d found no brain" in capsys.readouterr().err
    assert not (tmp_path / "m.nii").exists()


def test_the_command_is_a_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "phasegen.cli", "extract-brain", "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "median_otsu_2d" in done.stdout
