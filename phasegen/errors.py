"""Errors that a user can mend; they are shown as a message, without a trace."""

import errno

DISK_FULL = "no space is left on the disk; free some and start again, what is done is kept"


class UserError(ValueError):
    """The input or the configuration is at fault; the message says where and what to do."""


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk, or a quota that is used up, led to ``error``."""
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        # HDF5 names its cause in the text alone.
        if number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
