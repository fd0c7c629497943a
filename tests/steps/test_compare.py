"""Tables of a run beside those that were kept."""

import pandas as pd
import pytest

from phasegen.cli import main
from phasegen.errors import UserError
from phasegen.steps.compare import compare

TABLE = {
    "source": ["none", "phasegen", "left out"],
    "truth": ["mask", "mask", "mask"],
    "dice_subject_mean": [70.0, 90.0, float("nan")],
    "dice_low": [68.0, 90.0, float("nan")],
    "dice_high": [72.0, 90.0, float("nan")],
    "dice_slice_std": [3.0, 4.0, 5.0],
}
PAIRS = {"left": ["phasegen"], "right": ["none"], "difference": [20.0], "low": [16], "high": [24]}


def write(folder, **tables):
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.fixture
def kept(tmp_path):
    return write(tmp_path / "kept", table=TABLE, pairs=PAIRS, plain={"dice_subject_mean": [1]})


def test_the_same_is_the_same(kept, capsys):
    assert [len(table.estimates) for table in compare(kept, kept)] == [1, 2]
    assert main(["compare", str(kept), str(kept)]) == 0
    assert "table: 2 estimates, all the same" in capsys.readouterr().out


def test_half_the_width_of_the_interval_is_allowed(tmp_path, kept):
    rows = TABLE | {"dice_subject_mean": [71.9, 90.0, 5.0]}
    run = write(tmp_path / "run", table=rows, pairs=PAIRS | {"difference": [24.1]})
    pairs, table = compare(run, kept)
    assert table.beyond.empty and len(pairs.beyond) == 1
    assert pairs.beyond["tolerance"].tolist() == [4]


def test_the_order_of_rows_does_not_matter(tmp_path, kept):
    table = pd.DataFrame(TABLE).iloc[::-1]
    run = write(tmp_path / "run", table=table, pairs=PAIRS)
    assert all(table.beyond.empty for table in compare(run, kept))


@pytest.mark.parametrize(
    "change",
    [
        {"dice_subject_mean": [70.0, 90.1, None]},
        {"dice_subject_mean": [70.0, None, None]},
        {"source": ["none", "another", "left out"]},
    ],
)
def test_what_differs_or_is_gone_is_named(tmp_path, kept, capsys, change):
    run = write(tmp_path / "run", table=TABLE | change, pairs=PAIRS)
    assert main(["compare", str(run), str(kept)]) == 1
    assert "table: dice of truth=mask source=phasegen" in capsys.readouterr().err


def test_a_table_that_is_missing_is_named(tmp_path, kept):
    with pytest.raises(UserError, match=r"run: lacks pairs\.csv, which"):
        compare(write(tmp_path / "run", table=TABLE), kept)


def test_a_folder_without_tables(tmp_path, kept):
    with pytest.raises(UserError, match="no table"):
        compare(kept, tmp_path)
