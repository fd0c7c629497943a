"""The shard grid, and files that are whole or absent."""

import os
import stat
import subprocess
import sys

import pytest

from phasegen.errors import UserError
from phasegen.paths import Grid, sole_writer, staging_folder, whole_file


@pytest.mark.parametrize("slices", [1, 7, 8, 9, 64])
@pytest.mark.parametrize("per_shard", [1, 8, 100])
def test_shards_hold_every_slice_once(slices, per_shard):
    grid = Grid(slices, per_shard)
    rows = [row for shard in range(grid.shards) for row in grid.rows(shard)]
    assert rows == list(range(slices))


def test_no_shard_beyond_the_last():
    with pytest.raises(IndexError):
        Grid(8, 8).rows(1)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError), whole_file(target) as partial:
        partial.write_text("new, in h")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_finished_write_takes_its_place(tmp_path):
    with whole_file(tmp_path / "new folder" / "table.csv") as partial:
        partial.write_text("new")
        assert not (tmp_path / "new folder" / "table.csv").exists()
    assert (tmp_path / "new folder" / "table.csv").read_text() == "new"


def test_others_may_read_what_the_umask_lets_them(tmp_path):
    old = os.umask(0o022)
    try:
        with whole_file(tmp_path / "model") as partial:
            partial.touch(mode=0o600)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o644


def test_staging_drops_what_a_killed_run_left(tmp_path):
    left = tmp_path / ".3.partial" / "half"
    left.parent.mkdir()
    left.touch()
    with staging_folder(left.parent) as staging:
        assert not list(staging.iterdir())
    assert not left.parent.exists()


def test_a_second_writer_is_refused_until_the_first_has_ended(tmp_path):
    target = tmp_path / "deep" / "out.zarr"
    hold = "import sys, time; from pathlib import Path; from phasegen.paths import sole_writer\n"
    hold += f"with sole_writer(Path({str(target)!r})): print('in', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE) as first:
        first.stdout.readline()
        with pytest.raises(UserError, match=r"another process is writing .*out\.zarr"):
            sole_writer(target).__enter__()
        first.kill()
    with sole_writer(target):
        pass
    assert not list(target.parent.iterdir())
