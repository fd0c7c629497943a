"""Tables as the steps write them pass; every kind of damage is found and named."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.steps import reconstruction_report, skull_strip_report
from phasegen.steps.verify_tables import verify_table

from ..report.conftest import DICE, MIXED, PSNR, reconstructions, results
from .test_reconstruction_report import PAIRS as REBUILT_PAIRS
from .test_reconstruction_report import PAPER
from .test_skull_strip_report import PAIRS

FLOORS = ("zerofilling", "compressed_sensing")
CELLS = {
    "table1": [{"truth": "staple", "source": source, "seeds": 2} for source in DICE],
    "table2": [
        {
            "model": "" if source in FLOORS else "small",
            "factor": 4,
            "source": source,
            "seeds": 0 if source in FLOORS else 2,
        }
        for source in PSNR
    ]
    + [{"model": "large", "factor": 4, "source": "none", "seeds": None}],
    "table3": [
        {"model": "small", "factor": 4, "share": share, "source": mode, "seeds": 2}
        for mode, shares in MIXED.items()
        for share in shares
    ]
    + [
        {"model": "small", "factor": 4, "share": 100, "source": "mixed", "seeds": 2},
        {"model": "large", "factor": 4, "share": 1, "source": "only", "seeds": None},
    ],
}
ABSENT = {"table2": [("large", 4, "none")], "table3": [("large", 4, 1, "only")]}


def write(rows, folder):
    """One file for each training, numbered from the first."""
    paths = []
    keys = [key for key in ("model", "source", "share", "seed") if key in rows]
    for number, (_, part) in enumerate(rows.groupby(keys, dropna=False)):
        paths.append(folder / f"{number}.parquet")
        part.reset_index(drop=True).to_parquet(paths[-1])
    return paths


class Made:
    """A table, made of made-up slices by the step that makes it, and its check."""

    def __init__(self, name, folder):
        self.name, self.folder, self.cells = name, folder, CELLS[name]
        self.pairs = {"table1": PAIRS, "table2": REBUILT_PAIRS}.get(name, [])
        self.slices = sorted(folder.glob("*.parquet"), key=lambda path: int(path.stem))
        ends = (".csv", "_pairs.csv", "_by.csv", ".md", ".tex", ".sources.json")
        self.files = [folder / f"{name}{end}" for end in ends]

    def make(self):
        if self.name == "table1":
            skull_strip_report.table_one(self.slices, PAPER, self.pairs, 1, "", *self.files)
        elif self.name == "table2":
            absent = ABSENT["table2"]
            arguments = (self.slices, PAPER, self.pairs, absent, 1, "")
            reconstruction_report.table_two(*arguments, *self.files)
        else:
            reconstruction_report.table_three(
                self.slices, PAPER, ABSENT["table3"], 1, "", *self.files
            )

    def verify(self):
        checks = self.folder / "checks.json"
        table, comparisons, by_contrast = self.files[:3]
        given = (table, comparisons, [by_contrast], self.slices, self.cells, self.pairs, checks)
        verify_table(self.name, *given)
        return json.loads(checks.read_text())

    def damage(self, change, file=0):
        table = pd.read_csv(self.files[file])
        change(table).to_csv(self.files[file], index=False)

    def refused(self, row, column, fault, file=0):
        """The one line that is told."""
        named = self.files[file] if isinstance(file, int) else file
        with pytest.raises(UserError) as told:
            self.verify()
        (line,) = str(told.value).splitlines()
        start = f"{named}, row {row}, column {column!r}: "
        assert line.startswith(start), line
        assert re.search(fault, line), line
        assert not (self.folder / "checks.json").exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Folders of all three tables, undamaged."""
    folder = tmp_path_factory.mktemp("sound")
    for name in CELLS:
        (folder / name).mkdir()
        rows = results(truths=("staple", "mask")) if name == "table1" else reconstructions()
        write(rows, folder / name)
        Made(name, folder / name).make()
    return folder


@pytest.fixture(params=CELLS)
def made(request, sound, tmp_path):
    return copy_of(sound, request.param, tmp_path)


@pytest.fixture
def first(sound, tmp_path):
    return copy_of(sound, "table1", tmp_path)


@pytest.fixture
def second(sound, tmp_path):
    return copy_of(sound, "table2", tmp_path)


def copy_of(sound, name, folder):
    shutil.copytree(sound / name, folder, dirs_exist_ok=True)
    return Made(name, folder)


def test_what_the_steps_write_passes(made):
    found = made.verify()
    assert found["rows"] == len(pd.read_csv(made.files[0]))
    every = {"cells", "seeds", "slices", "ranges", "means", "deviations", "intervals", "notes"}
    assert every | {"comparisons", "p-values", "verdicts", "companions", "records"} == set(
        found["passed"]
    )
    assert found["passed"]["cells"] == found["rows"]


def name_of(made, place=0):
    row = pd.read_csv(made.files[0]).fillna({"model": ""}).iloc[place]
    return ", ".join(f"{key} {row[key]}" for key in made.cells[0] if key != "seeds")


def test_a_missing_row_is_named(made):
    name = name_of(made).replace(" 1, source", " 1.0, source")
    made.damage(lambda table: table.iloc[1:])
    made.refused(name, "source", "is there 0 times, 1 is due")


def test_a_row_that_nobody_asked_for_is_named(first):
    first.cells = [cell for cell in first.cells if cell["source"] != "naive"]
    first.refused("truth mask, source naive", "source", "is there 1 times, 0 is due")


def test_a_row_twice_is_named(first):
    first.damage(lambda table: pd.concat([table, table.iloc[:1]]))
    first.refused("truth mask, source none", "source", "is there 2 times")


def test_a_truth_that_is_due_must_be_there(first):
    for path in first.slices:
        rows = pd.read_parquet(path)
        rows[rows["truth"] == "mask"].to_parquet(path)
    first.make()
    first.refused("truth staple, source none", "source", "is there 0 times, 1 is due")


def test_what_was_not_run_must_say_so(second):
    second.damage(lambda table: table.assign(note=np.nan))
    second.refused(
        "model large, factor 4, source none", "note", "is '', 'not run at this size' is due"
    )


def test_what_was_run_must_not_say_otherwise(second):
    second.cells = [*second.cells[:-1], second.cells[-1] | {"seeds": 2}]
    second.refused("model large, factor 4, source none", "note", "'' is due")


def put(column, value, source="none"):
    def change(table):
        table[column] = table[column].mask(table["source"] == source, value)
        return table

    return change


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("dsc_percent_slice_mean", 100.5, "is 100.5, a finite number, 0 to 100, is due"),
        ("dsc_percent_slice_mean", np.nan, "is nan, a finite number"),
        ("dsc_percent_subject_mean", np.inf, "is inf, a finite number"),
        ("dsc_percent_slice_mean", 40.0, "is 40.0, the per-slice tables come to 38"),
        ("hausdorff_slice_mean", -1.0, "from 0 on, is due"),
        ("hd95_slice_std", np.nan, "is nan, a number from 0 on is due"),
        ("sensitivity_low", 0.99, "is 0.99, above the estimate"),
        ("sensitivity_high", np.nan, "is nan, below the estimate"),
        ("seeds", 3, "is 3, of the configuration 2"),
        ("slices", 14, "is 14, the per-slice tables have 30 of 2 seeds"),
    ],
)
def test_a_faulty_number_of_table_one_is_named(first, column, value, fault):
    first.damage(put(column, value))
    first.refused("truth mask, source none", column, fault)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("ssim_percent_slice_mean", np.inf, "is inf, a finite number, -100 to 100, is due"),
        ("psnr_slice_mean", -np.inf, "is -inf, a finite number, any, is due"),
        ("nrmse_slice_mean", -0.1, "is -0.1, a finite number, from 0 on, is due"),
        ("fastmri_psnr_volume_mean", np.nan, "is nan, a finite number"),
    ],
)
def test_a_faulty_number_of_table_two_is_named(second, column, value, fault):
    second.damage(put(column, value))
    second.refused("model small, factor 4, source none", column, fault)


def test_fewer_seeds_than_configured_are_named(made):
    made.cells = [cell | {"seeds": cell["seeds"] and 3} for cell in made.cells]
    with pytest.raises(UserError, match=r"column 'seeds': is 2, of the configuration 3$"):
        made.verify()


def test_a_seed_that_the_slices_lack_is_named(first):
    first.slices = [path for path in first.slices if path.stem != "1"]
    first.refused(
        "truth mask, source naive", "seeds", "the per-slice tables have 1, of the configuration 2"
    )


@pytest.mark.parametrize(("value", "due"), [(1.5, "0 to 100"), (-np.inf, "0 to 100")])
def test_a_faulty_slice_is_named(first, value, due):
    rows = pd.read_parquet(first.slices[2])
    rows.loc[4, "dice"] = value
    rows.to_parquet(first.slices[2])
    first.refused(4, "dice", f"a finite number, {due}, is due", file=first.slices[2])


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("p", 0.0, "is 0.0, 0 to 1 is due"),
        ("p_holm", 0.0, "a number from p"),
        ("difference", 1e6, "is .*, below the estimate"),
        ("verdict", "better", "is 'better', which is none"),
    ],
)
def test_a_faulty_difference_is_named_by_its_line(made, column, value, fault):
    def change(table):
        table[column] = table[column].astype(object)
        table.loc[1, column] = value
        return table

    made.damage(change, file=1)
    # Line 1 of the file is the header.
    beside = "high" if column == "difference" else column
    made.refused(3, beside, fault, file=1)


def test_a_missing_difference_is_named(made):
    made.damage(lambda table: table.iloc[:-1], file=1)
    with pytest.raises(UserError, match=r"_pairs.csv, row .*, column 'left': is there 0 times"):
        made.verify()


def test_a_faulty_number_by_contrast_is_named_by_its_line(made):
    metric = "dsc_percent" if made.name == "table1" else "ssim_percent"

    def change(table):
        table.loc[0, f"{metric}_subject_mean"] = 400.0
        return table

    made.damage(change, file=2)
    made.refused(2, f"{metric}_subject_mean", "is 400.0, a finite number", file=2)


def test_nothing_by_contrast_is_named(made):
    made.damage(lambda table: table.iloc[:0], file=2)
    made.refused("-", "_slice_mean", "there is nothing in it", file=2)


def test_a_number_that_was_changed_within_reason_is_noticed(made):
    """No other check can tell."""

    def change(table):
        column = next(name for name in table if name.endswith("_high"))
        table[column] += 1e-6
        return table

    for file in (0, 2):
        made.damage(change, file)
        made.refused("all", "all", "is another file than the one that its record tells of", file)
        made.make()


def test_a_row_whose_slices_are_not_those_recorded_is_named(first):
    rows = pd.read_parquet(first.slices[0])
    rows.to_parquet(first.slices[0], compression="gzip")
    first.refused(3, "all", "is from 2 files, or from others", file=0)


def test_a_row_without_files_behind_it_is_named(first):
    record = json.loads(first.files[-1].read_text())
    record["tables"][first.files[0].name]["rows"][1][""] = []
    first.files[-1].write_text(json.dumps(record))
    first.refused(3, "all", "is from 0 files", file=0)


def test_below_four_subjects_no_interval_is_due(tmp_path):
    write(results(subjects=3), tmp_path)
    few = Made("table1", tmp_path)
    few.make()
    found = few.verify()["passed"]
    assert "intervals" not in found and "p-values" not in found and found["means"] > 0
