"""What an export has written so far, kept beside it, so that it can go on and be trusted.

A journal has one line per event: what the export is, each volume before its files are written,
and after with their sizes and SHA-256. While an export runs, it holds a lock on the journal.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from phasegen.errors import UserError
from phasegen.provenance import file_digest

JOURNAL = ".export.jsonl"
RECORD = "export.json"


class Journal:
    """The journal of a folder that this process alone writes to."""

    def __init__(self, folder: Path, file: TextIO, settings: dict) -> None:
        self.folder, self.file, self.settings = folder, file, settings
        self.files: dict[str, dict] = {}
        """Bytes and SHA-256 of every finished file, by its path in the folder."""

    def begin(self, names: Sequence[str]) -> None:
        """Files that may be there from now on, whole or not."""
        self._add({"begin": list(names)})

    def finish(self, names: Sequence[str]) -> None:
        """Files that are there, whole."""
        paths = [self.folder / name for name in names]
        facts = [{"bytes": p.stat().st_size, "sha256": file_digest(p)} for p in paths]
        found = dict(zip(names, facts, strict=True))
        self._add({"finish": found})
        self.files |= found

    def has(self, names: Sequence[str]) -> bool:
        """Whether all of these files were finished and are as long as then."""
        return all(
            name in self.files
            and (self.folder / name).is_file()
            and (self.folder / name).stat().st_size == self.files[name]["bytes"]
            for name in names
        )

    def start(self) -> None:
        """An empty journal with the settings in its first line."""
        self.file.truncate(0)
        self._add({"settings": self.settings})

    def _add(self, event: dict) -> None:
        self.file.write(json.dumps(event) + "\n")
        self.file.flush()


@contextmanager
def claim(folder: Path, settings: dict, replace: bool = False) -> Iterator[Journal]:
    """The journal of ``folder``, going on where an export with these settings stopped.

    Args:
        replace: delete the files of an export with other settings, instead of refusing it.

    Raises:
        UserError: another process writes there, the folder holds an export with other settings,
            or anything else.
    """
    path = folder / JOURNAL
    if folder.exists() and not path.exists() and (folder.is_file() or any(folder.iterdir())):
        raise UserError(f"{folder} holds files of something else; choose a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _lock(file, folder)
        for left in folder.rglob(".*.partial"):
            left.unlink()
        journal = Journal(folder, file, settings)
        events = _events(file)
        if not events:
            journal.start()
        elif events[0]["settings"] == settings:
            for event in events:
                journal.files |= event.get("finish", {})
        elif replace:
            _drop(folder, events)
            journal.start()
        else:
            raise UserError(
                f"{folder} holds an export of another store or with other settings; choose "
                "another folder, or replace it with --replace"
            )
        yield journal


def _lock(file: TextIO, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"another export writes to {folder}; wait until it has ended") from None


def _events(file: TextIO) -> list[dict]:
    """Events of a journal, whose last line is cut off where a kill left half of it.

    Raises:
        UserError: any other damage.
    """
    file.seek(0)
    lines = file.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    file.truncate(sum(len(line.encode()) for line in whole))
    try:
        events = [json.loads(line) for line in whole]
        # The first one says what the export is.
        return events[:1] and [{"settings": events[0]["settings"]}, *events[1:]]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{file.name} is damaged; delete its folder and export again") from None


def _drop(folder: Path, events: Sequence[dict]) -> None:
    """Delete the files of an export, and the folders that are empty then."""
    names = [name for event in events for name in event.get("begin", [])]
    for path in [folder / RECORD, *(folder / name for name in names)]:
        if folder.resolve() not in path.resolve().parents:
            raise UserError(f"{folder / JOURNAL} names {path}, which lies elsewhere")
        path.unlink(missing_ok=True)
    for parent in sorted({p for name in names for p in (folder / name).parents}, reverse=True):
        if folder in parent.parents and parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()
