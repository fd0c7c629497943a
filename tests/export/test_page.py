"""The page on export: what it tells to type works."""

import re
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

from phasegen.cli import main
from phasegen.export.registry import FORMATS

from .conftest import names

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
SECTIONS = dict(re.findall(r"^## [^\n]*\(`--to (\w+)`\)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
NEEDS = {"bart": "bart"}


def snippet(form):
    (language, text), *_ = re.findall(r"```(python|sh)\n(.*?)```", SECTIONS[form], re.S)
    return language, text.replace("NAME", "sub-001_T1w")


def test_every_format_has_a_section():
    assert SECTIONS.keys() == FORMATS.keys()


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_lines_of_the_page_run(make_store, tmp_path, monkeypatch, form):
    program = NEEDS.get(form, "python3")
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    store, _ = make_store(names({("sub-001", "sub-001_T1w"): [0, 1, 2]}))
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(store), "-o", "out", "--to", form]) == 0
    language, text = snippet(form)
    if language == "sh":
        subprocess.run(text, shell=True, check=True, capture_output=True, timeout=60)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # imports of fastmri and torch warn
            exec(compile(text, "docs/export.md", "exec"), {})


@pytest.mark.parametrize("word", re.findall(r"--[a-z]+", PAGE))
def test_the_options_exist(word, capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    assert word in capsys.readouterr().out
