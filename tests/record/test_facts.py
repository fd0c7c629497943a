"""What files say of themselves."""

import numpy as np
import pandas as pd
import pytest

from phasegen.record.facts import facts_of
from phasegen.store.shards import write_table


def test_a_table_of_slices_keeps_its_record_beside_its_rows(tmp_path):
    table, facts = pd.DataFrame({"a": [1, 2]}), {"seed": 3, "made_from": {"x": "0"}}
    write_table(tmp_path / "a.parquet", table, facts)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), table)
    found = facts_of(tmp_path / "a.parquet")
    assert found == ("rows", {"seed": "3"}, {"x": "0"})


def test_other_files_have_none(tmp_path):
    write_table(tmp_path / "a.parquet", pd.DataFrame({"a": [1]}))
    (tmp_path / "a.csv").write_text("a\n1\n")
    np.savez(tmp_path / "a.npz", mask=np.zeros(2))
    for name, kind in (("a.parquet", "file"), ("a.csv", "file"), ("a.npz", "masks")):
        assert facts_of(tmp_path / name) == (kind, {}, None)


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.npz", "a.safetensors", "chosen.json", "zarr.json"]
)
def test_a_record_that_cannot_be_read_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"no such thing")
    with pytest.raises(ValueError, match="its record cannot be read"):
        facts_of(tmp_path / name)
