"""The registry of public data sets: what it holds, and which faults are told."""

import re

import pytest

from phasegen.settings import ConfigError, DataFile, Datasets, read_datasets

ROW = {"name": "heads", "file": "a.zip", "url": "https://example.org/a.zip"}
ASKED = {"name": "asked", "url": "by agreement", "page": "https://example.org/"}


def write(folder, *rows):
    path = folder / "datasets.tsv"
    columns = list(DataFile.model_fields)
    lines = ["\t".join(columns), *("\t".join(row.get(c, "") for c in columns) for row in rows)]
    path.write_text("# comment\n" + "\n".join(lines) + "\n")
    return path


def test_the_shipped_registry_is_read_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    registry = read_datasets(Datasets().table)
    rows = [file for files in registry.values() for file in files]
    assert {"m4raw-val", "nfbs", "ixi-t1", "synthstrip"} <= registry.keys()
    assert all(file.page and file.citation for file in rows)
    assert all(file.licence or "licence" in file.notes for file in rows)


def test_what_was_not_tried_is_said_to_be_unverified():
    registry = read_datasets(Datasets().table)
    assert {file.status for files in registry.values() for file in files} == {"unverified"}


def test_fastmri_is_by_agreement():
    registry = read_datasets(Datasets().table)
    asked = {name for name, files in registry.items() if files[0].url == "by agreement"}
    assert asked == {name for name in registry if name.startswith("fastmri-")}


def test_every_checksum_cites_where_it_comes_from():
    for files in read_datasets(Datasets().table).values():
        for file in files:
            assert not file.md5 or "MD5" in file.notes
            assert not file.sha256 or "SHA-256" in file.notes


def test_rows_of_one_name_are_one_data_set(tmp_path):
    other = ROW | {"file": "b.zip"}
    registry = read_datasets(write(tmp_path, ROW, ASKED, other))
    assert {name: len(files) for name, files in registry.items()} == {"heads": 2, "asked": 1}


@pytest.mark.parametrize(
    ("file", "content"),
    [("a.zip", "a"), ("x/b.tar.gz", "x/b"), ("c.TGZ", "c"), ("d.nii.gz", "d.nii.gz")],
)
def test_archives_are_known_by_their_names(file, content):
    row = DataFile(**ROW | {"file": file})
    assert row.content == content
    assert row.is_archive == (content != file)


@pytest.mark.parametrize(
    "file", ["/etc/passwd", "../a", "a/../../b", "a//b", ".hidden", "a/.b", "a\\b", "a/", "."]
)
def test_no_file_leads_out_of_the_folder(tmp_path, file):
    with pytest.raises(ConfigError, match="row 'heads': file: "):
        read_datasets(write(tmp_path, ROW | {"file": file}))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW | {"name": "../heads"}, "name"),
        (ROW | {"name": ""}, "name: Field required"),
        (ROW | {"url": "ftp://example.org/a"}, "url"),
        (ROW | {"url": "file:///etc/passwd"}, "url"),
        (ROW | {"url": ""}, "url: Field required"),
        (ROW | {"file": ""}, "needs 'file'"),
        (ROW | {"sha256": "abc"}, "sha256"),
        (ROW | {"reader": "dicom"}, "reader"),
        (ROW | {"status": "fine"}, "status"),
        (ASKED | {"page": ""}, "by agreement: needs 'page'"),
        (ASKED | {"sha256": 64 * "0"}, "needs 'file'"),
    ],
)
def test_a_faulty_row_is_one_line(tmp_path, row, message):
    with pytest.raises(ConfigError, match=re.escape(message)) as error:
        read_datasets(write(tmp_path, row))
    assert len(str(error.value).splitlines()) == 1


def test_two_files_for_one_place_are_told(tmp_path):
    clash = ROW | {"file": "a.tar"}
    with pytest.raises(ConfigError, match="'heads/a' stands twice"):
        read_datasets(write(tmp_path, ROW, clash))


def test_every_fault_is_told(tmp_path):
    with pytest.raises(ConfigError) as error:
        read_datasets(write(tmp_path, ROW | {"url": "x", "md5": "x"}, ASKED | {"page": "x"}))
    assert len(str(error.value).splitlines()) == 3


def test_a_missing_registry_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.tsv: No such file"):
        read_datasets(tmp_path / "nowhere.tsv")
