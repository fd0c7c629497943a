"""Table I is printed as in the paper, with a note on what its numbers are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.report.grid import Best
from phasegen.report.markdown import markdown, markdown_table
from phasegen.report.skull_strip_sections import table_one_sections
from phasegen.report.skull_strip_table import table_one

from .conftest import results

PAPER = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")
ROWS = "HD by rows (published code's variant)"


def printed(**made):
    return markdown(table_one_sections(table_one(results(**made), PAPER, np.random.default_rng(0))))


def cells(text, section=0):
    """Cells by source and number of the column, and the titles, of one section."""
    lines = text.split("### ")[section + 1].splitlines()
    table = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return table[0], {line[0]: line for line in table[2:]}


def test_a_table_of_texts():
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert markdown_table(["a"], [[Best("1")]]).endswith("| **1** |")


def test_mean_and_deviation_stand_beside_the_papers():
    titles, rows = cells(printed())
    assert len({len(titles), *map(len, rows.values())}) == 1
    assert rows["phasegen"][titles.index("DSC [%]")] == "78.0 ± 1.5"
    beside = titles.index("DSC [%]") + 1
    assert titles[beside] == titles[titles.index(ROWS) + 1] == "paper"
    assert rows["phasegen"][beside] == "80.1 ± 3.2" and rows["original"][beside] == "-"
    assert rows["none"][titles.index(ROWS) + 1] == "1.577 ± 1.799"


def test_the_best_of_a_column_is_bold():
    titles, rows = cells(printed())
    for title in ("DSC [%]", "HD95 [pixel]", "sensitivity"):
        bold = [name for name, row in rows.items() if "**" in row[titles.index(title)]]
        assert bold == ["original"]
    bold = [name for name, row in rows.items() if "**" in row[titles.index(ROWS)]]
    assert bold == ["none"]


def test_nothing_is_best_of_one():
    assert "**" not in printed(dice={"phasegen": 0.8})


def test_what_nobody_has_is_no_column():
    assert not [title for title in cells(printed())[0] if "[mm]" in title]


def test_a_lone_value_is_printed_beside_gaps():
    rows = results()
    rows.loc[rows["source"] == "naive", "hd95"] = np.nan
    titles, found = cells(
        markdown(table_one_sections(table_one(rows, PAPER, np.random.default_rng(0))))
    )
    assert found["naive"][titles.index("HD95 [pixel]")] == "-"


def test_the_interval_is_printed_only_where_there_is_one():
    titles, rows = cells(printed())
    place = titles.index("DSC [%] by subject [interval]")
    assert rows["none"][place].startswith("38.0 [") and rows["none"][place].endswith("]")
    titles, rows = cells(printed(subjects=1))
    assert rows["none"][place] == "40.0"


@pytest.mark.parametrize("subjects", [2, 6])
def test_the_note_is_made_of_the_data(subjects):
    note = printed(subjects=subjects, seeds=(0, 1, 2)).splitlines()[-1]
    assert f"({3 * subjects}, of {subjects} subjects; seeds of training: 3)" in note
    assert f"({3 * subjects})" in note  # empty slices, one for every subject and seed
    assert ("95 % interval" in note) == (subjects >= 4)
    assert ("too few subjects" in note) == (subjects < 4)


def test_the_note_tells_what_was_predicted_in_vain():
    rows = results()
    assert "diagonal" not in printed()
    rows.loc[(rows["source"] == "none") & (rows["slice"] == 1), "predicted_pixels"] = 0
    text = markdown(table_one_sections(table_one(rows, PAPER, np.random.default_rng(0))))
    assert "diagonal of the image (none 10, naive 0" in text


def test_each_truth_has_a_section():
    text = printed(truths=("staple", "mask"))
    assert text.count("### ") == text.count("Mean ± ") == 2
    assert "### heads, truth: mask" in text and "### heads, truth: staple" in text
