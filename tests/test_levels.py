"""Every module imports from the levels below it, or from its own level in the order listed."""

import ast
from pathlib import Path

import pytest

import phasegen

PACKAGE = Path(phasegen.__file__).parent
LEVELS = [
    ["errors", "settings", "paths", "progress", "seeds", "provenance"],
    ["device", "precision", "fourier", "metrics", "nn", "store", "mri"],
    ["sources", "raters", "retrieval", "diffusion", "data", "export"],
    ["training", "tasks", "report", "record"],
    ["steps", "cli"],
]
ORDER = [room for level in LEVELS for room in level]
ALONE = {"torch.fft": "fourier", "matplotlib": "report"}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    own = room_of(path)
    for name in imported(path):
        first, *rest = name.split(".")
        assert first != "snakemake"
        if first == "phasegen" and rest[0] in ORDER:
            assert ORDER.index(rest[0]) <= ORDER.index(own), f"{own} imports {name}"
        for package, home in ALONE.items():
            assert not name.startswith(package) or own == home, f"{own} imports {name}"


def test_every_room_is_listed():
    assert {room_of(path) for path in modules()} <= set(ORDER)


@pytest.mark.parametrize("word", ["torch.fft.", "np.fft."])
def test_slices_are_transformed_in_one_place(word):
    """The volume of the dipole field is the one other transform."""
    users = {room_of(path) for path in modules() if word in path.read_text()}
    assert users <= {"fourier", "mri"}
