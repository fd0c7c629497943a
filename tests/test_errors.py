"""What counts as a full disk, however deep in other errors."""

import errno
import logging

import pytest

from phasegen.errors import DISK_FULL, is_full
from phasegen.steps.seam import step


def wrapped(error):
    try:
        try:
            raise error
        except OSError as cause:
            raise RuntimeError("cannot write") from cause
    except RuntimeError as found:
        return found


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_known_by_its_number(number):
    assert is_full(OSError(number, "full"))
    assert is_full(wrapped(OSError(number, "full")))
    assert not is_full(wrapped(OSError(errno.EIO, "broken")))
    assert is_full(RuntimeError("write failed: No space left on device"))
    assert not is_full(ValueError("other"))


def test_a_step_that_fills_the_disk_says_so_without_a_trace(tmp_path):
    with pytest.raises(SystemExit), step(tmp_path / "log"):
        raise wrapped(OSError(errno.ENOSPC, "full"))
    logging.shutdown()
    assert (tmp_path / "log").read_text().strip() == f"error: {DISK_FULL} (cannot write)"
