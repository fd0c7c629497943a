"""Between a rule and its step: where messages go and how errors end."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phasegen.errors import DISK_FULL, UserError, is_full


@contextmanager
def step(log: str | Path) -> Iterator[None]:
    """Run a step with a log file; an error that the user can mend ends it without a trace."""
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.FileHandler(log, mode="w"), logging.StreamHandler(sys.stderr)]
    # On a full disk the log file fails first; what it lacks stands on stderr.
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=handlers, force=True)
    try:
        yield
    except UserError as error:
        for line in str(error).splitlines():
            logging.error("error: %s", line)
        sys.exit(1)
    except KeyboardInterrupt:
        logging.error("interrupted")
        sys.exit(130)
    except Exception as error:
        if is_full(error):
            logging.error("error: %s (%s)", DISK_FULL, error)
        else:
            logging.exception("unexpected error")
        sys.exit(1)
