"""The readers on real files, where they are there."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from phasegen.settings import Cohort
from phasegen.sources.registry import reader
from phasegen.sources.regrid import regrid_kspace
from phasegen.sources.scan import plan, scan
from phasegen.sources.volumes import read_mask, read_volume

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real data at {FOLDER}")


def test_ulf_raw_data_hold_compact_heads():
    cohort = Cohort(name="ulf", role="raw", reader="fastmri", path=f"{FOLDER}/ulf/*.h5")
    manifest = scan(cohort)
    numbers = {"slices": 88, "volumes": 16, "subjects": 5, "coils": 1}
    assert plan(cohort, manifest) == {"cohort": "ulf", "role": "raw"} | numbers
    for row in manifest.drop_duplicates("file").itertuples():
        volume = read_volume(reader("fastmri"), Path(row.file))
        middle = volume[len(volume) // 2]
        image, _, _ = regrid_kspace(middle, (row.recon_rows, row.recon_columns), 64)
        energy = np.abs(image[0]) ** 2
        assert energy[8:-8, 8:-8].sum() > 0.75 * energy.sum(), row.file
        assert energy[24:40, 24:40].mean() > 5 * energy[:4, :4].mean(), row.file


def test_colin27_faces_up_and_its_mask_fits():
    mask = f"{FOLDER}/colin27/{{series}}bet.nii.gz"
    path = f"{FOLDER}/colin27/*.nii.gz"
    cohort = Cohort(name="colin27", role="magnitude", reader="nifti", path=path, mask=mask)
    manifest = scan(cohort)
    assert len(manifest) == 181
    volume = read_volume(reader("nifti"), Path(manifest["file"][0]))
    brain = read_mask(Path(manifest["mask"][0]))
    assert volume.shape == brain.shape == (181, 217, 181)
    assert volume[brain].mean() > 2 * volume[~brain].mean()
    # the cerebellum is behind the middle, the neck and face are below the brain
    height, depth, _ = np.argwhere(brain[:45]).mean(axis=0)
    assert depth > 217 / 2
    assert np.argwhere(brain)[:, 0].mean() > 181 / 2 - 20 > height


def test_head3t_is_read_as_its_headers_say():
    # The headers claim RAS, but the voxels lie as in a picture (rows from the front, columns
    # across), so that the heads come out on their side: the files' fault, and kept visible.
    cohort = Cohort(
        name="head3t",
        role="magnitude",
        reader="nifti",
        path=f"{FOLDER}/head3t/*.nii.gz",
        subject=r"/(P\d)_[^/]*$",
    )
    manifest = scan(cohort)
    numbers = {"slices": 48, "volumes": 12, "subjects": 4, "coils": 1}
    assert plan(cohort, manifest) == {"cohort": "head3t", "role": "magnitude"} | numbers
    for file in manifest["file"].unique():
        stored = np.asanyarray(nibabel.load(file).dataobj)
        volume = read_volume(reader("nifti"), Path(file))
        np.testing.assert_array_equal(volume, stored[:, ::-1].T)
