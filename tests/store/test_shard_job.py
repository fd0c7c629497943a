"""Several shards in one job: the same files, and a job that was cut short goes on."""

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.paths import Grid, shard_key
from phasegen.store import shard_job
from phasegen.store.reading import read_rows
from phasegen.store.shard_job import shards_of_job, write_shards
from phasegen.store.shards import ROW_GROUP, table_facts, write_table

GRID = Grid(11, 2)
VALUES = np.random.default_rng(0).uniform(0, 9, (11, 1, 8, 8)).astype(np.float32)


class Cut(Exception):
    pass


class Maker:
    """Gives the values of a shard, and counts; stops dead before a row."""

    def __init__(self, stop=None):
        self.rows, self.stop = [], stop

    def __call__(self, rows):
        if rows.start == self.stop:
            raise Cut
        self.rows.append(rows.start)
        return VALUES[rows.start : rows.stop], {"twice": [2 * row for row in rows]}


def write(folder, shards, make, facts="a"):
    record = folder / "records" / f"{shards.start}.parquet"
    own = {"facts": facts}
    write_shards(folder / "m.zarr", "magnitude", GRID, shards, record, own, make)
    return record


def files(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted((folder / "m.zarr").rglob("*"))
        if file.is_file()
    }


def test_every_shard_is_made_by_one_job():
    for per_job in (1, 2, 4, 100):
        jobs = [shards_of_job(GRID, first, per_job) for first in range(0, GRID.shards, per_job)]
        assert [shard for job in jobs for shard in job] == list(range(GRID.shards))


def test_a_shard_of_another_job_is_refused():
    with pytest.raises(UserError, match="shard 3 is made by the job of shard 2"):
        shards_of_job(GRID, 3, 2)


def test_the_cut_into_jobs_does_not_matter(tmp_path):
    records = {}
    for per_job in (1, 4):
        parts = [
            pd.read_parquet(
                write(tmp_path / str(per_job), shards_of_job(GRID, n, per_job), Maker())
            )
            for n in range(0, GRID.shards, per_job)
        ]
        records[per_job] = pd.concat(parts, ignore_index=True)
    assert files(tmp_path / "1") == files(tmp_path / "4")
    pd.testing.assert_frame_equal(records[1], records[4])
    assert records[4]["twice"].tolist() == [2 * row for row in range(11)]


def test_a_job_goes_on_after_its_last_shard(tmp_path):
    with pytest.raises(Cut):
        write(tmp_path, range(4), Maker(stop=4))
    (tmp_path / "m.zarr" / shard_key(0)).unlink()  # as Snakemake does with the one it knows of
    second = Maker()
    record = write(tmp_path, range(4), second)
    assert second.rows == [0, 4, 6]
    assert pd.read_parquet(record)["row"].tolist() == list(range(8))
    assert table_facts(record) == {"slices": 11, "per_shard": 2}
    assert [path.name for path in record.parent.iterdir()] == ["0.parquet"]


def test_nothing_is_left_beside_a_record_whenever_the_job_was_cut(tmp_path, monkeypatch):
    """A job whose outputs are there is done for Snakemake, which looks for no jobs that were cut
    short behind a checkpoint; so nobody would clean up."""

    def cut_after(path, *content):
        write_table(path, *content)
        seen.append(sorted(entry.name for entry in (tmp_path / "records").iterdir()))

    seen = []
    monkeypatch.setattr(shard_job, "write_table", cut_after)
    record = write(tmp_path, range(4), Maker())
    assert seen[-1] == [record.name]
    assert seen[0] == [".0.unfinished"], "while the job is at work"


def test_what_a_job_of_other_facts_left_is_made_again(tmp_path):
    with pytest.raises(Cut):
        write(tmp_path, range(4), Maker(stop=4))
    second = Maker()
    write(tmp_path, range(4), second, facts="b")
    assert second.rows == [0, 2, 4, 6]


@pytest.mark.parametrize("rows", [range(0, 3), range(ROW_GROUP - 2, ROW_GROUP + 2)], ids=str)
def test_some_rows_of_a_table_are_those_of_all(tmp_path, rows):
    table = pd.DataFrame({"row": range(2 * ROW_GROUP + 5), "name": "a"})
    write_table(tmp_path / "table.parquet", table)
    found = read_rows(tmp_path / "table.parquet", rows, ["row"])
    assert found["row"].tolist() == list(rows) and list(found) == ["row"]
    whole = read_rows(tmp_path / "table.parquet", range(len(table)))
    pd.testing.assert_frame_equal(whole, pd.read_parquet(tmp_path / "table.parquet"))
