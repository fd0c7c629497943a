"""Tables II and III are printed as in the paper, with a note on what their numbers are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.report.markdown import markdown
from phasegen.report.reconstruction_sections import (
    difference_sections,
    table_three_sections,
    table_two_sections,
)
from phasegen.report.reconstruction_table import (
    comparisons_three,
    comparisons_two,
    table_three,
    table_two,
)

from .conftest import PSNR, reconstructions

PAPER = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")
EXPECTED = [("large", 4, "phasegen")]


def stream():
    return np.random.default_rng(0)


def two(expected=(), **made):
    rows = reconstructions(**made)
    return markdown(table_two_sections(table_two(rows, PAPER, stream(), expected)))


def three(expected=(), **made):
    rows = reconstructions(**made)
    return markdown(table_three_sections(table_three(rows, PAPER, stream(), expected)))


def cells(text, section=0):
    """Titles and lines of one section."""
    lines = text.split("### ")[section + 1].splitlines()
    table = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    return table[0], table[2:]


def test_mean_and_deviation_stand_beside_the_papers():
    titles, lines = cells(two())
    assert [line[0] for line in lines] == list(PSNR)
    (phasegen,) = (line for line in lines if line[0] == "phasegen")
    place = titles.index("PSNR [dB]")
    assert phasegen[place : place + 2] == ["22.80 ± 0.15", "22.76 ± 2.94"]
    assert titles[place + 1] == "paper"
    assert phasegen[titles.index("PSNR [dB] by subject [interval]")].startswith("22.80 [22.")
    assert phasegen[titles.index("fastMRI PSNR [dB]")] == "11.40 ± 0.07"


def test_the_best_of_a_column_is_bold():
    titles, lines = cells(two())
    for title, best in {"SSIM [%]": "original", "MSE": "original", "NRMSE": "none"}.items():
        bold = [line[0] for line in lines if "**" in line[titles.index(title)]]
        assert bold == [best]


def test_each_model_and_factor_has_a_section_with_the_floors():
    text = two(models=("small", "large"), factors=(4, 8), mixed={})
    heads = [line for line in text.splitlines() if line.startswith("###")]
    assert heads == [
        f"### knees, factor {factor}, model {model} (paper: {size})"
        for factor in (4, 8)
        for model, size in (("small", "209k"), ("large", "3.3M"))
    ]
    for section in range(4):
        assert [line[0] for line in cells(text, section)[1]] == list(PSNR)


def test_floors_alone_are_a_section():
    text = two(psnr={"zerofilling": 18.0}, mixed={})
    assert text.startswith("### knees, factor 4\n") and "seeds of training: -" in text


def test_what_was_not_run_is_said_beside_the_paper():
    titles, lines = cells(two(EXPECTED), 1)
    assert lines[-1][:2] == ["phasegen", "not run at this size"]
    assert lines[-1][titles.index("PSNR [dB]") + 1] == "23.95 ± 2.91"
    assert lines[-1][titles.index("PSNR [dB]")] == "-"


def test_best_is_told_at_every_share():
    titles, lines = cells(three())
    place = titles.index("PSNR [dB]")
    assert [line[0] for line in lines if "**" in line[place]] == ["1", "10", "20"]
    assert {line[1] for line in lines if "**" in line[place]} == {"mixed"}
    assert lines[-1][:2] == ["100", "mixed"] and lines[-1][place] == "26.80 ± 0.15"


def test_nothing_that_was_run_is_said():
    text = three([("large", 4, 0.1, "mixed")])
    assert cells(text, 1)[1][0][:3] == ["0.1", "mixed", "not run at this size"]
    assert "Nothing of this was run" in text.split("### ")[2]


@pytest.mark.parametrize("subjects", [2, 6])
def test_the_note_is_made_of_the_data(subjects):
    for text in (two(subjects=subjects), three(subjects=subjects)):
        note = text.splitlines()[-1]
        assert f"({3 * subjects}, of {subjects} subjects; seeds of training: 2)" in note
        assert f"blank slices ({2 * subjects})" in note
        assert "cropped before they were undersampled" in note
        assert ("95 % interval" in note) == (subjects >= 4)
        assert ("too few subjects" in note) == (subjects < 4)


def test_differences_are_readable():
    rows = reconstructions()
    text = markdown(difference_sections(comparisons_three(rows, stream())))
    titles, lines = cells(text)
    (line,) = (line for line in lines if line[:2] == ["mixed - original", "20"])
    found = line[titles.index("PSNR [dB] [interval]") :]
    assert found[0] == "-0.50 [-0.50, -0.50]" and found[2] == "below"
    text = markdown(
        difference_sections(comparisons_two(rows, [("phasegen", "zerofilling")], stream()))
    )
    assert cells(text)[1][0][0] == "phasegen - zerofilling"
    assert "+5.00 [+5.00, +5.00]" in text


def test_differences_of_few_subjects_have_no_interval():
    rows = reconstructions(subjects=2)
    text = markdown(difference_sections(comparisons_two(rows, [("phasegen", "naive")], stream())))
    assert "| +4.00 | - | too few subjects |" in text
