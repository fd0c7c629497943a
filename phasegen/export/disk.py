"""A disk that is full or closed, told in words."""

import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from phasegen.errors import UserError, is_full
from phasegen.export.base import Volume

VALUE_BYTES = 8


def refuse_full(folder: Path, pending: Sequence[Volume]) -> None:
    """Refuse what surely does not fit; compressed files may need less than half."""
    needed = sum(math.prod(volume.shape) * VALUE_BYTES for volume in pending)
    free = shutil.disk_usage(folder).free
    if needed / 2 > free:
        raise UserError(
            f"{folder} has {free / 1e6:.0f} MB left, and the export needs some "
            f"{needed / 1e6:.0f} MB; choose another disk or fewer subjects"
        )


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Tell of a full or closed disk in words."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if is_full(error):
            raise UserError(
                f"no space is left for {folder}; free some and call again, which goes on after "
                "the volumes that are done"
            ) from error
        if isinstance(error, PermissionError):
            raise UserError(
                f"{error.filename or folder} cannot be written: no permission"
            ) from None
        raise
