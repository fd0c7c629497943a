"""One set of versions: what is declared, locked, installed and given to conda."""

import re
import tomllib
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path

import yaml

import phasegen

REPOSITORY = Path(__file__).parents[1]
FOR_SNAKEMAKE_ALONE = {"snakemake", "pygments", "packaging", "psutil"}


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement).group().lower().replace("_", "-")


def locked():
    lines = (REPOSITORY / "requirements.lock").read_text().splitlines()
    return {name_of(line): line.split("==")[1] for line in lines if "==" in line}


def project():
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


def test_every_installed_package_is_locked_at_its_version():
    installed = {
        name_of(found.name): found.version.split("+")[0]
        for found in distributions()
        if name_of(found.name) not in {"phasegen", "pip", "setuptools"}
    }
    # Where torch finds a GPU build it brings the vendor's libraries, pinned by torch itself.
    own = {n: v for n, v in installed.items() if not n.startswith(("nvidia", "triton", "cuda"))}
    assert own == {name: version for name, version in locked().items() if name in own}


def test_every_declared_package_is_locked():
    optional = project()["optional-dependencies"]
    declared = [*project()["dependencies"], *chain.from_iterable(optional.values())]
    assert {name_of(text) for text in declared} <= locked().keys()


def test_conda_gets_the_same_versions():
    environment = yaml.safe_load((REPOSITORY / "envs" / "phasegen.yaml").read_text())
    pinned = dict(pin.split("==") for pin in environment["dependencies"][-1]["pip"])
    needed = {name_of(text) for text in project()["dependencies"]} - FOR_SNAKEMAKE_ALONE
    assert {name_of(name): version for name, version in pinned.items()} == {
        name: locked()[name] for name in needed
    }


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == phasegen.__version__
    assert citation["license"] == project()["license"]


def test_the_catalog_is_told_what_holds():
    told = yaml.safe_load((REPOSITORY / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert (
        told["software-stack-deployment"]["conda"] and told["software-stack-deployment"]["report"]
    )
    # No rule has a container.
    rules = "".join(file.read_text() for file in (REPOSITORY / "workflow").rglob("*.smk"))
    assert told["software-stack-deployment"]["apptainer"] == ("container:" in rules)
