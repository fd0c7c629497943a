"""Rows are chosen by what they are, and every row has its files."""

import json

import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.record.traced_table import read_traced

from .conftest import PAPER, TABLE, TABLES, slices_of

NAMES = ("table1_heads", "table1_heads_comparisons", "table1_heads_contrasts")
NAMES += ("skull_strip_sweep_heads", "skull_strip_sweep_heads_comparisons")


def files_of(*sources):
    return {slices_of(source, seed).as_posix() for source in sources for seed in (0, 1)}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_each_table_has_a_record(run, name):
    table = read_traced(TABLES / f"{name}.csv")
    assert len(table.rows) and not table.has_changed
    for number, row in table.rows.iterrows():
        sources = [row[key] for key in ("source", "left", "right") if key in row]
        column = "difference" if "left" in row else "source"
        assert set(table.files(number, column)) == files_of(*sources)


def test_tables_have_no_column_of_files(run):
    for name in NAMES:
        assert not {"made_from", "judged_from", "tested_in"} & set(
            pd.read_csv(TABLES / f"{name}.csv")
        )


def test_what_is_adjusted_together_stands_on_the_files_of_all(run):
    table = read_traced(TABLES / "table1_heads_comparisons.csv")
    number = table.number(["left=phasegen", "right=none", "metric=hd95"])
    whole = files_of("none", "naive", "phasegen", "original")
    assert set(table.files(number, "p_holm")) == set(table.files(number, "verdict")) == whole
    assert set(table.files(number, "p")) == files_of("phasegen", "none")
    assert set(table.files(number, None)) == whole


def test_published_figures_stand_on_the_papers_file(run):
    table = read_traced(TABLE)
    number = table.number(["source=phasegen"])
    assert list(table.files(number, "dsc_percent_paper_mean")) == ["resources/paper_tables.csv"]
    assert PAPER.name in " ".join(table.files(number, None))


def test_rows_are_chosen_by_number_or_by_columns(run):
    table = read_traced(TABLE)
    assert table.number(["2"]) == table.number(["source=naive"]) == 1
    assert table.number(["truth=staple", "source=naive"]) == 1
    mean = table.rows["dsc_percent_slice_mean"].iloc[1]
    assert table.number([f"dsc_percent_slice_mean={float(mean):.12e}"]) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["truth=staple"], "fits 4 rows"),
        (["source=random"], "fits no row"),
        (["0"], "fits no row"),
        (["5"], "fits no row"),
        ([], "fits 4 rows"),
        (["sauce=naive"], "key=value, of cohort, truth, source"),
        (["naive"], "a number or key=value"),
    ],
    ids=str,
)
def test_a_choice_that_is_not_one_row_is_told(run, row, reason):
    with pytest.raises(UserError, match=reason) as error:
        read_traced(TABLE).number(row)
    if "fits" in reason:
        assert "4: cohort=heads truth=staple source=original" in str(error.value)


def test_an_unknown_column_is_told_with_those_there_are(run):
    with pytest.raises(UserError, match="'dice'; there are cohort, truth, source"):
        read_traced(TABLE).files(0, "dice")


def test_a_table_that_was_changed_is_noticed(run):
    text = TABLE.read_text()
    TABLE.write_text(text.replace("staple", "stable"))
    assert read_traced(TABLE).has_changed
    TABLE.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    with pytest.raises(UserError, match=r"has 3 rows, where .*sources.json records 4"):
        read_traced(TABLE)


def test_a_table_without_a_record_is_told(run):
    for file in TABLES.glob("*.sources.json"):
        file.unlink()
    with pytest.raises(UserError, match="nothing says what it was made from"):
        read_traced(TABLE)
    (TABLES / "a.sources.json").write_text(json.dumps({"tables": {}}))
    with pytest.raises(UserError, match=r"a.sources.json: is no record"):
        read_traced(TABLE)
    with pytest.raises(UserError, match="cannot be read as a table"):
        read_traced(TABLES / "nowhere.csv")


def test_the_folder_of_a_run_is_found_from_elsewhere(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_traced(run / TABLE).folder == run
    for name in ("table1_heads.csv", "table1_heads.sources.json"):
        (tmp_path / name).write_bytes((run / TABLES / name).read_bytes())
    assert read_traced(tmp_path / "table1_heads.csv").folder == tmp_path
