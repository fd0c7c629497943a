"""The command line."""

import pytest

from phasegen.cli import main

from .file_server import serving


def test_simulated_files_can_be_checked(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--subjects", "1", "--contrasts", "T2w", "--slices", "2", "--matrix", "32"]
    assert main(["simulate", "heads", *options]) == 0
    (tmp_path / "cohorts.tsv").write_text(
        "name\trole\treader\tpath\nmine\tmagnitude\tnifti\theads/*/*/*T2w.nii.gz\n"
    )
    (tmp_path / "config.yaml").write_text("cohorts: cohorts.tsv\n")
    assert main(["check", "config.yaml"]) == 0
    assert "mine: 1 subjects, 2 slices" in capsys.readouterr().out


def test_what_a_run_will_simulate_need_not_be_there_yet(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = ["a\tmagnitude\tnifti\theads/*/*.nii.gz", "b\tmagnitude\tnifti\tmine/*.nii.gz"]
    (tmp_path / "cohorts.tsv").write_text("\n".join(["name\trole\treader\tpath", *rows]))
    (tmp_path / "config.yaml").write_text("cohorts: cohorts.tsv\nsimulation: {folder: heads}\n")
    assert main(["check", "config.yaml"]) == 1
    found = capsys.readouterr()
    assert "a: not simulated yet" in found.out
    assert "cohort 'b'" in found.err and "cohort 'a'" not in found.err


@pytest.mark.parametrize(
    "arguments", [["check", "nowhere.yaml"], ["simulate", "x", "--matrix", "8"]]
)
def test_a_mistake_is_one_line(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not list(tmp_path.iterdir())


def test_help(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0
    assert "simulate" in capsys.readouterr().out


def test_the_data_sets_are_listed(capsys):
    assert main(["retrieve", "--list"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["name", "version", "how"]
    assert any(line.startswith("nfbs ") and "CC0" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which data set?"),
        (["nowhere"], "there is no data set 'nowhere', only "),
        (["fastmri-knee-singlecoil"], "is given by agreement: see https://fastmri.med.nyu.edu/"),
    ],
)
def test_what_cannot_be_retrieved_is_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["retrieve", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_data_set_is_retrieved(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serving() as server:
        server.files["b"] = b"words"
        row = f"heads\ta/b.txt\t{server.url('b')}"
        (tmp_path / "table.tsv").write_text(f"name\tfile\turl\n{row}\n")
        assert main(["retrieve", "heads", "--registry", "table.tsv"]) == 0
    assert capsys.readouterr().out == "data/heads: 1 files, 5 bytes\n"
    assert (tmp_path / "data" / "heads" / "a" / "b.txt").read_bytes() == b"words"
