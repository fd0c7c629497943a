"""The same workflow on real files: raw ultra-low-field data in, two magnitude cohorts converted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.diffusion import weights
from phasegen.fourier import to_image
from phasegen.store.reading import open_store, read_index

pytestmark = pytest.mark.long

REAL = Path(__file__).parents[3] / "shared" / "realdata"
CONFIG = Path(__file__).with_name("real.yaml")
# P3 and P4 are test subjects everywhere, so no raw row matches them.
COHORTS = [
    ("ulf", "raw", "fastmri", "ulf/P[12]_*.h5", "", r"/(?P<subject>P\d)_", "", "180"),
    ("ulf-volunteer", "raw", "fastmri", "ulf/V1_*.h5", "", r"/(?P<subject>V\d)_", "", "0"),
    (
        "colin27",
        "magnitude",
        "nifti",
        "colin27/ch2.nii.gz",
        "colin27/{series}bet.nii.gz",
        "",
        "40:150:10",
        "0",
    ),
    ("head3t", "magnitude", "nifti", "head3t/*.nii.gz", "", r"/(?P<subject>P\d)_", "", "90"),
]
COLUMNS = ("name", "role", "reader", "path", "mask", "subject", "slices", "turn")


@pytest.fixture(scope="module")
def real(tmp_path_factory, make_project):
    if not REAL.is_dir():
        pytest.skip(f"no real data: {REAL.name} does not lie beside the checkout")
    project = make_project(tmp_path_factory.mktemp("real"))
    lines = ["\t".join(COLUMNS)]
    for name, role, reader, path, mask, *rest in COHORTS:
        places = [str(REAL / place) if place else "" for place in (path, mask)]
        lines.append("\t".join([name, role, reader, *places, *rest]))
    (project.folder / "cohorts.tsv").write_text("\n".join(lines) + "\n")
    done = project.run(config=CONFIG)
    assert done.returncode == 0, done.stderr[-3000:]
    return project


@pytest.mark.parametrize(("cohort", "slices"), [("colin27", 11), ("head3t", 48)])
@pytest.mark.parametrize("source", ["none", "random", "naive", "phasegen"])
def test_every_store_keeps_the_magnitude(real, cohort, slices, source):
    kspace = open_store(real.results / "synthetic" / cohort / source / "kspace.zarr")[:]
    magnitude = open_store(real.results / "cohorts" / cohort / "magnitude.zarr")[:]
    assert kspace.shape == (slices, 1, 64, 64)
    error = np.abs(np.abs(to_image(kspace)) - magnitude).max(axis=(1, 2, 3))
    assert (error <= 1e-5 * magnitude.max(axis=(1, 2, 3))).all()
    assert (magnitude.max(axis=(1, 2, 3)) > 0).all()


def test_the_mask_lies_inside_the_head(real):
    folder = real.results / "cohorts" / "colin27"
    mask, magnitude = (open_store(folder / f"{name}.zarr")[:] for name in ("mask", "magnitude"))
    assert 0.05 < mask.mean() < 0.5
    assert magnitude[mask].mean() > 2 * magnitude[~mask].mean()


def test_raw_slices_keep_their_phase_and_are_recorded(real):
    index = read_index(real.results / "cohorts" / "ulf" / "images.zarr")
    assert set(index["subject"]) == {"P1", "P2"}
    assert index["operation"].str.contains("64").all()
    images = open_store(real.results / "cohorts" / "ulf" / "images.zarr")[:]
    assert np.abs(np.angle(images)).mean() > 0.5


def test_test_subjects_were_not_trained_on(real):
    _, facts = weights.load(real.results / "phase_models" / "small" / "model.safetensors")
    split = pd.read_csv(real.results / "phase_models" / "small" / "subjects.tsv", sep="\t")
    assert facts["train_subjects"]
    assert not {"P3", "P4"} & set(split["subject"])


def test_pictures_were_drawn(real):
    figures = {path.name for path in (real.results / "figures").iterdir()}
    assert {"contact_sheet_colin27.png", "contact_sheet_head3t.png", "raw_sheet_ulf.png"} <= figures
