"""The command line."""

import pytest

from phasegen.cli import main


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
