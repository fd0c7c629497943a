"""What a result came from: digests of code and files, versions of packages."""

import ast
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from phasegen import __version__

PACKAGE = Path(__file__).parent
RECORDED_PACKAGES = ("torch", "zarr", "numpy")
# Settings reach a step as parameters, so their defaults are no part of its code.
NOT_CODE = frozenset({"settings", "cli"})


def digest(module: str) -> str:
    """Digest of a module and of all of the library that it imports, without docstrings.

    A rule names its step here as a parameter, so that Snakemake plans it again
    when code that it depends on changes, and only then.
    """
    text = hashlib.sha256()
    for name in sorted(_imported_by(module)):
        text.update(f"{name}\n{_read(name).code}\n".encode())
    return text.hexdigest()[:16]


def file_digest(path: str | Path) -> str:
    """SHA-256 of a file."""
    with (Path(path) if isinstance(path, str) else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of the packages that decide the numbers."""
    return {"phasegen": __version__} | {name: version(name) for name in RECORDED_PACKAGES}


def recorded_name(path: str | Path) -> str:
    """Name of a file in a record: relative to the folder of the run, else to this checkout.

    So a record is the same wherever both lie; what lies outside has its whole path.
    """
    whole = Path(path).absolute()
    # Of an object that Snakemake has downloaded the name in its bucket.
    copies = os.environ.get("PHASEGEN_LOCAL_COPIES")
    for folder in (*([Path(copies)] if copies else []), Path.cwd(), PACKAGE.parent):
        if whole.is_relative_to(folder):
            return whole.relative_to(folder).as_posix()
    return whole.as_posix()


def recorded(inputs: Iterable[str | Path]) -> dict[str, str]:
    """SHA-256 of files by their `recorded_name`; of the folder of a store, that of its seal."""
    files = [Path(path) / "zarr.json" if Path(path).is_dir() else Path(path) for path in inputs]
    return {recorded_name(path): file_digest(path) for path in files}


def made_by(module: str, inputs: Iterable[str | Path]) -> dict:
    """What something came from that the code of ``module`` made: fit for JSON."""
    code = digest(module.removeprefix("phasegen."))
    return {"code": code, "versions": versions(), "made_from": recorded(inputs)}


def located(name: str, folder: str | Path) -> Path:
    """Where the file that is recorded as ``name`` lies, for a run in ``folder``."""
    here = Path(folder) / name
    shipped = PACKAGE.parent / name
    return here if here.exists() or not shipped.exists() else shipped


@cache
def _imported_by(module: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name in NOT_CODE or not _file(name):
            continue
        found.add(name)
        waiting.extend(_read(name).imports)
    return frozenset(found)


@cache
def _file(name: str) -> Path | None:
    path = PACKAGE.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


class _Module(NamedTuple):
    """What is asked of the text of a module, which every start of Snakemake reads."""

    imports: list[str]
    """Of this package, without its name; names in modules among them."""
    code: str
    """Without docstrings and comments."""


@cache
def _read(name: str) -> _Module:
    tree = ast.parse(_file(name).read_bytes())
    imports: list[str] = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            body[0].value.value = ""
        imports += _imports(node)
    return _Module(imports, ast.dump(tree))


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("phasegen"):
        base = node.module.partition(".")[2]
        return [
            part for part in (base, *(f"{base}.{a.name}".strip(".") for a in node.names)) if part
        ]
    if isinstance(node, ast.Import):
        return [a.name.partition(".")[2] for a in node.names if a.name.startswith("phasegen.")]
    return []


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
