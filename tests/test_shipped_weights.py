"""The shipped phase model: as its card says, on nobody that is tested on."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from phasegen.diffusion.weights import load
from phasegen.fourier import to_image
from phasegen.metrics.residues import residue_rate
from phasegen.metrics.tissue import tissue_mask
from phasegen.paths import SHIPPED_WEIGHTS
from phasegen.settings import load as load_settings
from phasegen.steps.sample import sample_file
from phasegen.steps.tables import model_card
from phasegen.store.reading import open_store

REPOSITORY = Path(__file__).parents[1]
FOLDER = SHIPPED_WEIGHTS.parent
ULF_TEST_SUBJECTS = {"P3", "P4"}
LARGEST = 25e6
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


@pytest.mark.parametrize("config", ["config.yaml", "weights.yaml"])
def test_no_test_subject_was_trained_on(facts, config):
    seen = {name.rpartition("/")[2] for part in PARTS for name in facts[part]}
    settings = load_settings(REPOSITORY / "config" / config)
    tested = {f"{name}-of-{settings.seed}" for name in settings.simulation.subjects()["test"]}
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
