"""Checksums of files that were fetched, kept in the format of ``sha256sum``."""

from collections.abc import Mapping
from pathlib import Path

from phasegen.paths import whole_file
from phasegen.sources.base import BadFile


def read_checksums(path: Path) -> dict[str, str]:
    """SHA-256 by file name; empty without a file.

    Raises:
        BadFile: a line is no checksum and name.
    """
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise BadFile(path, f"line {number} is no checksum", "mend or delete it")
        found[name] = digest
    return found


def write_checksums(path: Path, digests: Mapping[str, str]) -> None:
    """Write SHA-256 by file name, sorted; ``sha256sum -c`` reads it too."""
    with whole_file(path) as partial:
        partial.write_text("".join(f"{digests[name]}  {name}\n" for name in sorted(digests)))
