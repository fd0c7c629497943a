"""A data set is there, checked and marked, or it is said why not."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

from phasegen.errors import UserError
from phasegen.retrieval.download import Patience
from phasegen.settings import DataFile, Datasets
from phasegen.steps.retrieve import retrieve

from ..file_server import Fault, serving

PATIENCE = Patience(connect=1, read=0.3, pauses=())
HEADS = {"set/a.nii": b"a" * 900, "set/b.nii": b"b" * 900}


def packed(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return content.getvalue()


@pytest.fixture
def server():
    with serving() as server:
        server.files |= {"heads.zip": packed(HEADS), "readme.txt": b"words"}
        yield server


@pytest.fixture
def datasets(tmp_path):
    return Datasets(folder=str(tmp_path / "data"))


@pytest.fixture
def files(server):
    names = ("heads.zip", "readme.txt")
    return [DataFile(name="heads", file=name, url=server.url(name)) for name in names]


def have(files, datasets):
    return retrieve(files, datasets, PATIENCE)


def visible(folder):
    names = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return {name.as_posix() for name in names if not any(q.startswith(".") for q in name.parts)}


def in_folder(datasets, tmp_path):
    return visible(tmp_path / "data") - {"heads.sha256", "heads.retrieved.json"}


DATA = {"heads/heads/set/a.nii", "heads/heads/set/b.nii", "heads/readme.txt"}


def test_files_are_fetched_unpacked_recorded_and_marked(server, files, datasets, tmp_path):
    assert have(files, datasets) == dict.fromkeys(sorted(DATA), 900) | {"heads/readme.txt": 5}
    assert in_folder(datasets, tmp_path) == DATA
    mark = json.loads((tmp_path / "data" / "heads.retrieved.json").read_text())
    assert {entry["path"] for entry in mark["files"]} == DATA
    for entry in mark["files"]:
        content = (tmp_path / "data" / entry["path"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    check = ["sha256sum", "--check", "--strict", "--ignore-missing", "heads.sha256"]
    subprocess.run(check, cwd=tmp_path / "data", check=True, capture_output=True)
    assert not list((tmp_path / "data" / "heads").glob(".*")), "nothing hidden is left"


def test_with_all_there_a_dead_server_is_not_asked(server, files, datasets, tmp_path):
    have(files, datasets)
    mark = (tmp_path / "data" / "heads.retrieved.json").read_bytes()
    asked = len(server.asked)
    dead = [f.model_copy(update={"url": "http://127.0.0.1:9/" + f.file}) for f in files]
    have(dead, datasets)
    assert len(server.asked) == asked
    assert (tmp_path / "data" / "heads.retrieved.json").read_bytes() == mark


def test_files_that_a_user_put_there_are_taken(files, datasets, tmp_path):
    home = tmp_path / "data" / "heads"
    home.mkdir(parents=True)
    (home / "heads.zip").write_bytes(packed(HEADS))
    (home / "readme.txt").write_bytes(b"words")
    dead = [f.model_copy(update={"url": "http://127.0.0.1:9/" + f.file}) for f in files]
    have(dead, datasets)
    assert in_folder(datasets, tmp_path) == DATA | {"heads/heads.zip"}, "the user's archive stays"


def test_a_folder_that_a_user_unpacked_is_taken(files, datasets, tmp_path):
    place = tmp_path / "data" / "heads" / "heads" / "set"
    place.mkdir(parents=True)
    for name, content in HEADS.items():
        (place.parent / name).write_bytes(content)
    dead = files[0].model_copy(update={"url": "http://127.0.0.1:9/"})
    assert have([dead], datasets).keys() == DATA - {"heads/readme.txt"}


def test_the_hash_of_the_first_download_is_demanded(server, files, datasets, tmp_path):
    have(files, datasets)
    first = hashlib.sha256(b"words").hexdigest()
    (tmp_path / "data" / "heads" / "readme.txt").unlink()
    server.files["readme.txt"] = b"other"
    with pytest.raises(UserError, match=f"expected sha256 {first}, found "):
        have(files, datasets)
    assert not (tmp_path / "data" / "heads" / "readme.txt").exists()
    server.files["readme.txt"] = b"words"
    have(files, datasets)


@pytest.mark.parametrize("name", sorted(DATA))
def test_a_file_that_changed_is_named_and_kept(files, datasets, tmp_path, name):
    have(files, datasets)
    path = tmp_path / "data" / name
    path.write_bytes(b"mine")
    (tmp_path / "data" / "heads.retrieved.json").unlink()
    with pytest.raises(UserError) as error:
        have(files, datasets)
    assert str(error.value).startswith(str(path))
    assert "delete" in str(error.value)
    assert path.read_bytes() == b"mine"
    assert not (tmp_path / "data" / "heads.retrieved.json").exists()


def test_a_file_that_is_missing_from_an_archive_is_named(files, datasets, tmp_path):
    have(files, datasets)
    path = tmp_path / "data" / "heads" / "heads" / "set" / "b.nii"
    path.unlink()
    with pytest.raises(UserError, match=r"b\.nii: is missing"):
        have(files, datasets)


def test_a_wrong_checksum_of_the_table_leaves_nothing(files, datasets, tmp_path):
    wrong = files[1].model_copy(update={"sha256": 64 * "0"})
    with pytest.raises(UserError, match=f"expected sha256 {64 * '0'}, found "):
        have([wrong], datasets)
    assert visible(tmp_path / "data") == set()


def test_another_archive_in_the_table_asks_for_the_old_one_to_go(server, files, datasets, tmp_path):
    have(files, datasets)
    server.files["heads.zip"] = packed({"set/a.nii": b"a", "set/c.nii": b"c"})
    newer = hashlib.sha256(server.files["heads.zip"]).hexdigest()
    named = [files[0].model_copy(update={"sha256": newer})]
    with pytest.raises(UserError, match="that the table no more names"):
        have(named, datasets)
    place = tmp_path / "data" / "heads" / "heads"
    place.rename(tmp_path / "old")
    for _ in range(2):
        assert have(named, datasets).keys() == {f"heads/heads/set/{name}.nii" for name in "ac"}


def test_an_archive_that_escapes_leaves_nothing(server, files, datasets, tmp_path):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("good"))
        archive.addfile(tarfile.TarInfo("../../../evil"))
    server.files["bad.tar.gz"] = content.getvalue()
    bad = DataFile(name="heads", file="bad.tar.gz", url=server.url("bad.tar.gz"))
    with pytest.raises(UserError, match=r"the member '\.\./\.\./\.\./evil' would lie outside"):
        have([bad], datasets)
    assert visible(tmp_path) == set()


@pytest.mark.parametrize("kind", ["by agreement", "by hand"])
def test_what_has_to_be_asked_for_is_told_before_any_download(
    server, files, datasets, tmp_path, kind
):
    asked = DataFile(name="heads", file="b.h5", url=kind, page="https://example.org/apply")
    with pytest.raises(UserError) as error:
        have([*files, asked], datasets)
    for word in ("https://example.org/apply", str(tmp_path / "data" / "heads"), "b.h5"):
        assert word in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert server.asked == []
    (tmp_path / "data" / "heads").mkdir()
    (tmp_path / "data" / "heads" / "b.h5").write_bytes(b"mine")
    assert "heads/b.h5" in have([*files, asked], datasets)


def test_any_file_will_do_where_the_table_names_none(datasets, tmp_path):
    asked = DataFile(name="heads", url="by agreement", page="https://example.org/apply")
    home = tmp_path / "data" / "heads"
    home.mkdir(parents=True)
    (home / ".hidden").touch()
    with pytest.raises(UserError, match="put its files, unpacked, into"):
        have([asked], datasets)
    (home / "train").mkdir()
    (home / "train" / "a.h5").write_bytes(b"mine")
    assert have([asked], datasets) == {"heads/train/a.h5": 4}


def test_a_second_call_waits_for_the_first(server, files, datasets, tmp_path):
    """The server holds the first call back until the second has come to the lock."""
    server.faults = [Fault(stall_after=10)]
    rows = [file.model_dump(mode="json") for file in files]
    script = f"""
import logging
from phasegen.settings import DataFile, Datasets
from phasegen.retrieval.download import Patience
from phasegen.steps.retrieve import retrieve
logging.basicConfig(level=logging.INFO, format="%(message)s")
files = [DataFile.model_validate(row) for row in {rows!r}]
retrieve(files, Datasets(folder={datasets.folder!r}), Patience(read=20, pauses=(0, 0)))
"""
    calls = []
    for _ in range(2):
        calls.append(subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE))
        end = time.monotonic() + 20
        while not server.asked and time.monotonic() < end:
            time.sleep(0.01)
    assert b"waiting for its end" in calls[1].stderr.readline()
    server.released.set()
    said = [call.communicate(timeout=20)[1] for call in calls]
    assert [call.returncode for call in calls] == [0, 0], said
    assert [answer["name"] for answer in server.asked].count("readme.txt") == 1
    assert in_folder(datasets, tmp_path) == DATA
