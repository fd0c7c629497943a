"""``phasegen export``: whole or absent, resumed, refused, and never outside its folder."""

import errno
import fcntl
import hashlib
import json

import h5py
import numpy as np
import pandas as pd
import pytest

from phasegen.cli import main
from phasegen.errors import UserError
from phasegen.export import fastmri
from phasegen.export.journal import JOURNAL, RECORD
from phasegen.export.registry import FORMATS
from phasegen.paths import shard_key
from phasegen.settings import ExportFormat
from phasegen.steps.export import export
from phasegen.store.seal import DamagedStore

from ..export.conftest import names

EVERY = sorted(FORMATS)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != JOURNAL
    }


def stops_after(monkeypatch, calls, error):
    """`open` of the fastMRI writer, which fails for the volume after so many."""
    whole, count = fastmri.FastmriFormat.open, []

    def opened(*arguments):
        count.append(1)
        if len(count) > calls:
            raise error
        return whole(*arguments)

    monkeypatch.setattr(fastmri.FastmriFormat, "open", opened)
    return count


def test_settings_name_every_format():
    assert sorted(ExportFormat.__args__) == EVERY


@pytest.mark.parametrize("form", EVERY)
def test_the_record_lists_every_file_with_its_digest(make_store, tmp_path, form):
    store, _ = make_store()
    export(store, tmp_path / "out", form)
    found = contents(tmp_path / "out")
    record = json.loads(found.pop(RECORD))
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == {
        name: facts["sha256"] for name, facts in record["files"].items()
    }
    assert [volume["slices"] for volume in record["volumes"]] == [[0, 1, 2, 3, 4], [3, 4, 5]]
    assert record["provenance"]["source"] == "none"
    for volume in record["volumes"]:
        assert set(volume["files"]) <= set(found)


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize("moment", [KeyboardInterrupt(), OSError(errno.EIO, "broken disk")])
def test_what_was_cut_inside_a_volume_goes_on_to_the_same_bytes(
    make_store, tmp_path, monkeypatch, form, moment
):
    store, _ = make_store(per_shard=2)
    export(store, tmp_path / "whole", form)
    reads = []

    def fails(array):
        reads.append(1)
        if len(reads) == 3:
            raise moment
        return array

    with monkeypatch.context() as patch:
        patch.setattr("phasegen.export.stream._take", lambda block, places: fails(block[places]))
        with pytest.raises(type(moment)):
            export(store, tmp_path / "cut", form)
    assert set(contents(tmp_path / "cut")) == set()
    export(store, tmp_path / "cut", form)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_volumes_that_are_done_are_not_written_again(make_store, tmp_path, monkeypatch):
    store, _ = make_store()
    out = tmp_path / "out"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        stops_after(patch, 1, KeyboardInterrupt())
        export(store, out, "fastmri")
    assert set(contents(out)) == {"singlecoil/sub-1_T1w.h5"}
    opened = stops_after(monkeypatch, 9, KeyboardInterrupt())
    export(store, out, "fastmri")
    assert len(opened) == 1
    export(store, out, "fastmri")
    assert len(opened) == 1
    # a file that is gone or shorter is made again, and only that one
    (out / "singlecoil/sub-2_GRE.h5").write_bytes(b"short")
    export(store, out, "fastmri")
    assert len(opened) == 2
    assert h5py.is_hdf5(out / "singlecoil/sub-2_GRE.h5")


def test_a_journal_cut_inside_a_line_is_taken_up(make_store, tmp_path):
    store, _ = make_store()
    export(store, tmp_path / "whole", "bart")
    export(store, tmp_path / "out", "bart")
    journal = tmp_path / "out" / JOURNAL
    for length in (len(journal.read_bytes()) - 5, 40, 0):
        journal.write_bytes(journal.read_bytes()[:length])
        (tmp_path / "out" / RECORD).unlink()
        export(store, tmp_path / "out", "bart")
        assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    for damage in ("{}\n", "half\n", "[]\n"):
        journal.write_text(damage)
        with pytest.raises(UserError, match="is damaged"):
            export(store, tmp_path / "out", "bart")


def test_a_folder_with_something_else_is_refused(make_store, tmp_path):
    store, _ = make_store()
    out = tmp_path / "out"
    out.mkdir()
    (out / "diary.txt").write_text("dear")
    for folder in (out, out / "diary.txt"):
        with pytest.raises(UserError, match="folder of its own"):
            export(store, folder, "bart", replace=True)
    assert contents(out) == {"diary.txt": b"dear"}


def test_another_store_or_choice_is_refused_or_replaced(make_store, tmp_path):
    store, _ = make_store()
    other, _ = make_store(names({("sub-9", "sub-9_T1w"): [0]}), name="other.zarr")
    out = tmp_path / "out"
    export(store, out, "bids")
    before = contents(out)
    (out / "sub-1" / ".killed.nii.gz.partial").touch()
    (out / "sub-1" / "notes.txt").write_text("mine")
    for arguments in [(other, out, "bids"), (store, out, "bart")]:
        with pytest.raises(UserError, match="--replace"):
            export(*arguments)
    with pytest.raises(UserError, match="--replace"):
        export(store, out, "bids", subjects=["sub-1"])
    assert contents(out).items() >= before.items()
    export(other, out, "bids", replace=True)
    export(other, tmp_path / "fresh", "bids")
    assert contents(out).pop("sub-1/notes.txt") == b"mine"
    (out / "sub-1" / "notes.txt").unlink()
    assert contents(out) == contents(tmp_path / "fresh")


def test_two_exports_at_once_are_refused(make_store, tmp_path):
    store, _ = make_store()
    export(store, tmp_path / "out", "bart")
    with (tmp_path / "out" / JOURNAL).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another export"):
            export(store, tmp_path / "out", "bart")
    export(store, tmp_path / "out", "bart")


def test_a_full_disk_is_told_in_words(make_store, tmp_path, monkeypatch):
    store, _ = make_store()
    text = "Can't write data (errno = 28, error message = 'No space left on device')"
    for error in (OSError(errno.ENOSPC, "full"), RuntimeError(text)):
        out = tmp_path / type(error).__name__
        with monkeypatch.context() as patch, pytest.raises(UserError, match="no space is left"):
            stops_after(patch, 1, error)
            export(store, out, "fastmri")
        assert set(contents(out)) == {"singlecoil/sub-1_T1w.h5"}
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(UserError, match="needs some"):
        export(store, tmp_path / "small", "fastmri")


@pytest.mark.parametrize("form", EVERY)
def test_a_damaged_shard_is_named_and_its_volumes_are_absent(make_store, tmp_path, form):
    store, _ = make_store(per_shard=5)
    data = bytearray((store / shard_key(1)).read_bytes())
    data[40] ^= 1
    (store / shard_key(1)).write_bytes(data)
    with pytest.raises(DamagedStore, match="c/1/0/0/0"):
        export(store, tmp_path / "out", form)
    written = set(contents(tmp_path / "out"))
    assert written and not any("sub-2" in name for name in written)
    assert RECORD not in written


@pytest.mark.parametrize("form", EVERY)
def test_no_name_leads_out_of_the_folder(make_store, tmp_path, form):
    outside = tmp_path / "deep" / "er"
    absolute = str(tmp_path / "z")
    index = names({("../../x", "../../../y_T1w"): [0], (absolute, absolute): [1], ("..", ""): [2]})
    store, _ = make_store(index)
    export(store, outside / "out", form)
    assert [path.name for path in outside.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["er"]
    assert not list(tmp_path.glob("z*"))
    record = json.loads((outside / "out" / RECORD).read_text())
    assert len(record["volumes"]) == 3


def test_a_folder_without_permission_is_told_in_words(make_store, tmp_path, monkeypatch):
    store, _ = make_store()
    stops_after(monkeypatch, 0, PermissionError(errno.EACCES, "no", "out/file"))
    with pytest.raises(UserError, match="out/file cannot be written"):
        export(store, tmp_path / "out", "fastmri")


@pytest.mark.parametrize("form", EVERY)
def test_workers_do_not_change_a_byte(make_store, tmp_path, form):
    store, _ = make_store(per_shard=2)
    export(store, tmp_path / "one", form)
    export(store, tmp_path / "two", form, workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_part_of_a_split_and_chosen_subjects(make_store, tmp_path):
    store, _ = make_store()
    split = pd.DataFrame({"cohort": ["c", "c", "d"], "subject": ["sub-1", "sub-2", "sub-1"]})
    split = split.assign(part=["train", "validation", "validation"])
    split.to_csv(tmp_path / "split.tsv", sep="\t", index=False)
    table = tmp_path / "split.tsv"
    words = ["export", str(store), "--to", "bart", "--split", str(table)]
    assert main([*words, "--part", "validation", "-o", str(tmp_path / "val")]) == 0
    assert {"sub-2_GRE.cfl", "sub-2_GRE.hdr"} == set(contents(tmp_path / "val")) - {RECORD}
    export(store, tmp_path / "one", "bart", subjects=["sub-1"])
    assert {"sub-1_T1w.cfl", "sub-1_T1w.hdr"} == set(contents(tmp_path / "one")) - {RECORD}
    for arguments, message in [
        ({"split": table, "part": "test"}, "no part 'test'; there are train, validation"),
        ({"split": store / "index.parquet", "part": "a"}, "cannot be read"),
        ({"subjects": ["sub-7"]}, "no subject 'sub-7'"),
        ({"split": table, "part": "train", "subjects": ["sub-2"]}, "no volume"),
    ]:
        with pytest.raises(UserError, match=message):
            export(store, tmp_path / "none", "bart", **arguments)
    (tmp_path / "bad.tsv").write_text("subject\tpart\nsub-1\ttrain\n")
    with pytest.raises(UserError, match="no column cohort"):
        export(store, tmp_path / "none", "bart", split=tmp_path / "bad.tsv", part="train")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("kind", "form"),
    [("mask", form) for form in EVERY] + [("magnitude", f) for f in ("bart", "fastmri", "ismrmrd")],
)
def test_a_kind_that_a_format_cannot_hold_is_refused(make_store, tmp_path, kind, form):
    store, _ = make_store(kind=kind)
    with pytest.raises(UserError, match=f"holds {kind}"):
        export(store, tmp_path / "out", form)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "more",
    [
        ["nowhere.zarr", "--to", "bart"],
        ["{store}", "--to", "bart", "--part", "x"],
        ["{store}", "--to", "bart", "--workers", "0"],
    ],
)
def test_a_mistake_is_one_line(make_store, tmp_path, capsys, more):
    store, _ = make_store()
    words = [word.format(store=store) for word in more]
    capsys.readouterr()
    assert main(["export", *words, "-o", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_an_index_without_cohort_or_lengths_will_do(make_store, tmp_path):
    index = names({("s", "s"): [0, 1]})[["subject", "series", "slice"]]
    store, data = make_store(index)
    export(store, tmp_path / "out", "fastmri")
    with h5py.File(tmp_path / "out" / "singlecoil" / "s.h5") as file:
        np.testing.assert_array_equal(file["kspace"], data[:, 0])
