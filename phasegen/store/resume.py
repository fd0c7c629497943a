"""Stores written by one command: finished ones are kept, unfinished ones are gone on with."""

import hashlib
import json
import logging
import shutil
from pathlib import Path

from phasegen.errors import UserError


def refuse_finished(store: Path) -> None:
    """Raise UserError if ``store`` is sealed."""
    if (store / "zarr.json").exists():
        raise UserError(f"{store} is a finished store; choose another name or delete it")


def unfinished_records(store: Path, facts: dict) -> Path:
    """Folder of what is done of a run with these facts; what another one left is dropped.

    Its parent goes once the store is sealed.

    Raises:
        UserError: a folder that is not the command's own.
    """
    text = json.dumps(facts, sort_keys=True).encode()
    folder = store / ".unfinished" / hashlib.sha256(text).hexdigest()[:16]
    if store.exists() and not folder.exists():
        if any(store.iterdir()) and not (store / ".unfinished").is_dir():
            raise UserError(f"{store} is there and is no store of phasegen; choose another name")
        shutil.rmtree(store)
    if folder.exists() and any(folder.iterdir()):
        logging.info("going on after %d shards", len(list(folder.iterdir())))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
