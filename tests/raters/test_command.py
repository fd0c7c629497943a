import time
from pathlib import Path

import numpy as np
import pytest

from phasegen.raters.command import rate_by_command
from phasegen.settings import Rater

from . import programs
from .conftest import SPACING


@pytest.fixture
def volume():
    return np.random.default_rng(0).random((4, 7, 5), np.float32)


def rate(command, volume, **more):
    return rate_by_command(Rater(command=command, **more), volume, SPACING)


def test_a_mask_comes_back_as_the_volume_lies(tmp_path, volume):
    rating = rate(programs.program(tmp_path, programs.BRIGHT), volume)
    assert (rating.status, rating.message) == ("used", "")
    np.testing.assert_array_equal(rating.mask, volume > 0.5)
    assert rating.seconds > 0


def test_a_mask_is_found_in_the_folder_by_whatever_name(tmp_path, volume):
    command = programs.program(tmp_path, programs.BRIGHT, "{volume} {folder}/brain_bet.nii")
    np.testing.assert_array_equal(rate(command, volume).mask, volume > 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (programs.OTHER_SHAPE, "its mask has shape (4, 7, 4), the volume (4, 7, 5)"),
        (programs.EMPTY, "its mask is empty"),
        (programs.NOTHING, "it wrote no mask"),
        (programs.EXITS, "no licence"),
        ("import sys; sys.exit(3)", "exit status 3"),
        ("open(__import__('sys').argv[2], 'w').write('?')", "not a NIfTI file"),
    ],
)
def test_what_gives_no_mask_says_why(tmp_path, volume, text, message):
    rating = rate(programs.program(tmp_path, text), volume)
    assert rating.status == "failed"
    assert message in rating.message
    assert "\n" not in rating.message
    assert rating.mask is None


def test_two_masks_are_one_too_many(tmp_path, volume):
    text = programs.BRIGHT + '    nibabel.save(image, sys.argv[2] + ".nii")\n'
    rating = rate(programs.program(tmp_path, text, "{volume} {folder}/b.nii.gz"), volume)
    assert rating.status == "failed"
    assert rating.message == "it wrote b.nii.gz, b.nii.gz.nii, and one mask is needed"


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path, volume):
    child = tmp_path / "child"
    command = programs.program(tmp_path, programs.HANGS, f"{{volume}} {{mask}} '{child}'")
    rating = rate(command, volume, seconds=3)
    assert (rating.status, rating.message) == ("failed", "not done after 3 s")
    assert rating.seconds < 60
    assert _is_gone(int(child.read_text()))


def _is_gone(process):
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_missing_program_is_told_from_a_failed_one(volume):
    rating = rate("no-such-extractor-here {volume} {mask}", volume)
    assert (rating.status, rating.mask) == ("missing", None)
    assert rating.message == "no-such-extractor-here: no such program"


def test_a_file_that_is_no_program_is_missing_too(tmp_path, volume):
    (tmp_path / "text").write_text("words")
    assert rate(f"'{tmp_path}/text' {{volume}} {{mask}}", volume).status == "missing"


def test_no_shell_sees_a_command(tmp_path, volume):
    bad = tmp_path / "made"
    command = programs.program(tmp_path, programs.BRIGHT) + f" ; touch '{bad}'"
    assert rate(command, volume).status == "used"
    assert not bad.exists()


def test_a_program_of_an_environment_needs_conda(volume, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert rate("bet {volume} {mask}", volume, environment="some").status == "missing"
