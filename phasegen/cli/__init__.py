"""The command ``phasegen``: what is useful without the workflow, one module per command."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from phasegen import __version__
from phasegen.cli import (
    check,
    compare,
    export,
    extract_brain,
    info,
    quantise,
    retrieve,
    sample,
    show,
    simulate,
    status,
    verify,
    why,
)
from phasegen.errors import DISK_FULL, UserError, is_full

COMMANDS = (
    simulate,
    retrieve,
    check,
    status,
    sample,
    quantise,
    verify,
    info,
    show,
    export,
    extract_brain,
    why,
    compare,
)
"""Each has a function ``add(commands)``; a command imports what takes long when it runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 1 after an error that the user can mend."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if not is_full(error):
            raise
        print(f"error: {DISK_FULL} ({error})", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "phasegen", description="Synthetic complex k-space from magnitude MRI"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
