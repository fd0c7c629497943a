"""The command why: from a cell to raw files, and loud about what has changed."""

import pytest

from phasegen.cli import main
from phasegen.steps.why import why

from ..record.conftest import STORES, TABLE, run, slices_of, weights_of, whole_run

__all__ = ["run", "whole_run"]

ROW = ["source=phasegen"]


def test_the_chain_of_a_cell(run):
    answer = why(TABLE, ROW, "dsc_percent_slice_mean")
    text = "\n".join(answer.lines)
    assert answer.faults == []
    first, second, *rest = answer.lines
    assert "row 3: cohort=heads truth=staple source=phasegen, dsc_percent_slice_mean = 78" in first
    assert "steps.skull_strip_report (code " in second and second.endswith("from 2 files")
    for seed in (0, 1):
        place = text.index(f"table of slices {slices_of('phasegen', seed)}")
        assert text.index(f"weights {weights_of('phasegen', seed)}") > place
    for file in ("kspace.zarr/zarr.json", "magnitude-heads.parquet", "v0_T1w.nii.gz"):
        assert (STORES / file).as_posix() in text
    assert slices_of("naive", 0).as_posix() not in text
    assert rest[-1].endswith("0 not as recorded")


def test_a_published_figure_has_the_papers_file_alone(run):
    answer = why(TABLE, ROW, "dsc_percent_paper_mean")
    assert answer.faults == [] and len(answer.lines) == 4
    assert "file resources/paper_tables.csv" in answer.lines[2]


def test_a_tampered_table_of_slices_is_noticed(run, capsys):
    file = slices_of("phasegen", 1)
    file.write_bytes(slices_of("phasegen", 0).read_bytes())
    assert main(["why", str(TABLE), "--row", *ROW]) == 1
    told = capsys.readouterr()
    assert "!! HAS CHANGED SINCE" in told.out
    assert f"error: {file.as_posix()}: has changed since" in told.err
    assert main(["why", str(TABLE), "--row", "source=naive"]) == 0


def test_a_tampered_table_is_noticed(run, capsys):
    TABLE.write_text(TABLE.read_text().replace("78.", "87."))
    assert main(["why", str(TABLE), "--row", "3"]) == 1
    assert f"error: {TABLE}: has changed since" in capsys.readouterr().err


def test_slices_are_read_when_asked_for(run):
    """A shard that was exchanged is no matter of metadata."""
    shard = STORES / "kspace.zarr" / "c" / "0" / "0" / "0" / "0"
    content = bytearray(shard.read_bytes())
    content[100] ^= 1
    shard.write_bytes(content)
    assert why(TABLE, ROW).faults == []
    faults = why(TABLE, ROW, with_slices=True).faults
    assert faults and all("kspace.zarr" in fault for fault in faults)


def test_it_works_from_another_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert why(run / TABLE, ROW).faults == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--row", "truth=staple"], "fits 4 rows"),
        (["--row", "truth=staple", "--row", "source=random"], "fits no row"),
        (["--row", "1", "--column", "dice"], "has no column 'dice'"),
        ([], "no --row"),
    ],
    ids=str,
)
def test_a_mistake_is_told_without_a_trace(run, capsys, options, words):
    assert main(["why", str(TABLE), *options]) == 1
    told = capsys.readouterr()
    assert words in told.err and told.err.startswith("error: ") and not told.out


def test_all_raw_files_are_listed_when_asked_for(run, capsys):
    assert main(["why", str(TABLE), "--row", "3", "--all"]) == 0
    assert "v1_T1w_mask.nii" in capsys.readouterr().out
