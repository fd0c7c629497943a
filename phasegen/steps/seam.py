"""Between a rule and its step: where messages go and how errors end."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phasegen.errors import UserError


@contextmanager
def step(log: str | Path) -> Iterator[None]:
    """Run a step with a log file; an error that the user can mend ends it without a trace."""
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.FileHandler(log, mode="w"), logging.StreamHandler(sys.stderr)]
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
    except Exception:
        logging.exception("unexpected error")
        sys.exit(1)
