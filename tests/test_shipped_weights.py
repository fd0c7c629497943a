"""The shipped phase model: as its card says, on nobody that is tested on."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
import yaml

from phasegen.diffusion.weights import load
from phasegen.fourier import to_image
from phasegen.metrics.residues import residue_rate
from phasegen.metrics.tissue import tissue_mask
from phasegen.paths import SHIPPED_WEIGHTS
from phasegen.settings import Cohort, Simulation, Synthesis
from phasegen.steps.sample import sample_file
from phasegen.steps.tables import model_card
from phasegen.store.reading import open_store

REPOSITORY = Path(__file__).parents[1]
FOLDER = SHIPPED_WEIGHTS.parent
ULF_TEST_SUBJECTS = {"P3", "P4"}
LARGEST = 25e6
# Residues per 1000 on five slices of Colin27, where 0.01 was seen.
LARGEST_RATE = 0.1
COLIN = REPOSITORY.parent / "shared" / "realdata" / "colin27" / "ch2.nii.gz"


@pytest.fixture(scope="module")
def facts():
    return load(SHIPPED_WEIGHTS)[1]


def test_the_file_is_small():
    assert SHIPPED_WEIGHTS.stat().st_size < LARGEST


def test_the_card_is_what_its_files_say(tmp_path):
    tables = {int(path.stem.split("_")[-1]): path for path in FOLDER.glob("phase_quality_*.csv")}
    assert sorted(tables) == [64, 128]
    ordered = dict(sorted(tables.items()))
    model_card(SHIPPED_WEIGHTS, ordered, "phasegen", tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text() == (FOLDER / "README.md").read_text()


@pytest.mark.parametrize("config", ["config.yaml", "quality.yaml", "weights.yaml"])
def test_no_test_subject_was_trained_on(facts, config):
    seen = {name.rpartition("/")[2] for part in PARTS for name in facts[part]}
    default, laid_over = (
        yaml.safe_load((REPOSITORY / "config" / name).read_text())
        for name in ("config.yaml", config)
    )
    groups = default["simulation"]["groups"] | laid_over["simulation"]["groups"]
    tested = {
        f"{name}-of-{laid_over.get('seed', default['seed'])}"
        for name in Simulation(groups=groups).subjects()["test"]
    }
    assert tested and not seen & tested
    assert not seen & ULF_TEST_SUBJECTS
    card = (FOLDER / "README.md").read_text()
    assert all(name in card for part in PARTS for name in facts[part])


PARTS = ("train_subjects", "validation_subjects")


def test_the_card_tells_of_subjects_that_were_held_out():
    for path in FOLDER.glob("phase_quality_*.csv"):
        table = pd.read_csv(path)
        assert (table["subjects"] >= 8).all()
        assert {"none", "naive", "phasegen", "real"} <= set(table["source"])


@pytest.mark.skipif(not COLIN.exists(), reason=f"there is no {COLIN}")
def test_a_real_head_gets_a_phase_with_few_vortices(tmp_path):
    head = Cohort(
        name="head", role="magnitude", reader="nifti", path=str(COLIN), slices="60:120:12"
    )
    out = tmp_path / "head.zarr"
    sample_file(head, SHIPPED_WEIGHTS, Synthesis(batch=5), samples=1, seed=0, store=out)
    image = to_image(open_store(out)[:, 0])
    magnitude = np.abs(image)
    volume = nib.as_closest_canonical(nib.load(COLIN)).get_fdata()
    expected = volume[:, ::-1, 60:120:12].transpose(2, 1, 0)
    assert np.abs(magnitude - expected).max() < 1e-5 * expected.max()
    rate = residue_rate(np.angle(image), tissue_mask(magnitude))
    assert rate < LARGEST_RATE
