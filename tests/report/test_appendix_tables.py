"""Tables A1 to A3: what was used, with the paper's beside it."""

from pathlib import Path

import pandas as pd
import pytest

from phasegen.report.data_sets import data_set_rows, data_set_section
from phasegen.report.grid import PAPER
from phasegen.report.hyperparameters import (
    ROWS,
    fitted_with,
    hyperparameter_rows,
    hyperparameter_sections,
)
from phasegen.settings import ReconstructionModel, TaskModel

PRINTED = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_appendix.csv", dtype=str)
COUNTED = {"complex_weights": "12", "real_parameters": "30", "best_epoch": "4"}
MODEL = {"training": {"learning_rate": 2e-4, "decay": 0.9, "batch": 7, "optimizer": "adamw"}}


def printed(table):
    return PRINTED[PRINTED["table"] == table]


def rows_of(table, **names):
    kind = TaskModel if table == "A2" else ReconstructionModel
    values = fitted_with(kind.model_validate(MODEL)) | COUNTED
    return hyperparameter_rows(names, values, ["learning_rate"], printed(table))


def test_the_papers_tables_are_whole():
    assert (
        PRINTED.notna().all(axis=None) and not PRINTED.duplicated(["table", "row", "column"]).any()
    )
    shapes = {t: (p["row"].nunique(), p["column"].nunique()) for t, p in PRINTED.groupby("table")}
    assert shapes == {"A1": (5, 4), "A2": (8, 1), "A3": (8, 3)}
    assert len(PRINTED) == 5 * 4 + 8 + 8 * 3


@pytest.mark.parametrize("table", ["A2", "A3"])
def test_every_row_of_the_paper_is_ours_too(table):
    assert set(printed(table)["row"]) <= set(ROWS.values())
    found = rows_of(table, arm="phasegen")
    assert list(found["hyperparameter"]) == list(ROWS.values())
    own = found[found["paper"] != ""].set_index("hyperparameter")["paper"]
    due = printed(table)[printed(table)["column"] == "PhaseGen"].set_index("row")["value"]
    assert own.to_dict() == due.to_dict()


def test_an_arm_that_the_paper_has_not_has_an_empty_column():
    assert (rows_of("A2", arm="original")["paper"] == "").all()


def test_what_was_used_and_what_was_chosen():
    found = rows_of("A2", arm="none").set_index("hyperparameter")
    assert found.loc["Learning Rate", "value"] == "0.0002" and found.loc["Learning Rate", "chosen"]
    assert found["chosen"].sum() == 1
    assert found.loc["Noise Scheduler", "value"] == "Exponential, 0.9"
    assert found.loc["Optimizer", "value"] == "AdamW"
    assert found.loc["Activation function", "value"] == "PReLU"
    assert (
        rows_of("A3", arm="none").set_index("hyperparameter").loc["Activation function", "value"]
        == "ReLU"
    )


def test_arms_are_columns_with_the_paper_beside_them():
    table = pd.concat([rows_of("A2", arm=arm) for arm in ("none", "phasegen", "original")])
    (section,) = hyperparameter_sections(table, "Skull-stripping")
    assert section.titles == ("hyperparameter", "none", "phasegen", PAPER, "original")
    assert section.rows[0] == (
        "Learning Rate",
        "0.0002 (chosen)",
        "0.0002 (chosen)",
        "1e-4",
        "0.0002 (chosen)",
    )
    assert section.rows[-1][3] == "-" and "(chosen): by the search" in section.note
    (plain,) = hyperparameter_sections(table.assign(chosen=False), "Skull-stripping")
    assert "(chosen)" not in plain.note + "".join(plain.rows[0])


def test_models_and_factors_are_sections():
    cells = [("small", 4), ("small", 8), ("large", 4)]
    rows = [rows_of("A3", model=model, factor=factor, arm="naive") for model, factor in cells]
    sections = hyperparameter_sections(pd.concat(rows), "Reconstruction")
    assert [section.heading for section in sections] == [
        f"Reconstruction, model {model}, factor {factor}" for model, factor in cells
    ]
    assert all(section.titles == ("hyperparameter", "naive", PAPER) for section in sections)


USED = {
    "use": "Skullstrip Testing",
    "cohort": "heads",
    "source": "simulated",
    "role": "test",
    "reader": "fastmri",
    "field": "3T",
    "subjects": 16,
    "volumes": 48,
    "slices": 384,
    "licence": "",
}


def test_data_sets_stand_beside_those_of_the_paper():
    more = USED | {"use": "Phase quality"}
    table = data_set_rows([more, USED, USED | {"cohort": "knees"}], printed("A1"))
    assert list(table["use"])[-1] == "Phase quality" and len(table) == 5 + 1 + 1
    own = table[table["use"] == USED["use"]]
    assert list(own["cohort"]) == ["heads", "knees"] and set(own["paper_slices"]) == {"14 volumes"}
    assert table.iloc[0]["cohort"] == "" and table.iloc[0]["paper_slices"] == "12071 slices"
    assert table.iloc[-1]["paper_source"] == ""
    section = data_set_section(table)
    line = dict(enumerate(section.rows[2]))
    assert section.titles[2:4] == ("source", PAPER)
    assert (line[2], line[3]) == ("simulated", "University Hospital Essen")
    assert section.titles.count(PAPER) == 4 and section.rows[0][1] == "-"
