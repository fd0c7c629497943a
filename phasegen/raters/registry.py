"""The built-in raters: a new one is a module with ``extract`` and a name in the settings."""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import get_args

import numpy as np

from phasegen.raters.rating import Rating
from phasegen.settings.raters import Method

METHODS = tuple(name for name in get_args(Method) if name)
"""Modules of this folder."""


def method(name: str) -> Callable:
    """``extract`` of one method; its libraries are imported now.

    Raises:
        ValueError: no method of that name.
    """
    if name not in METHODS:
        raise ValueError(f"no method {name!r}; there are {', '.join(METHODS)}")
    return import_module(f"phasegen.raters.{name}").extract


def rate_built_in(name: str, volume: np.ndarray, spacing_mm: Sequence[float]) -> Rating:
    """Mask of one volume by a built-in method; arguments as of `command.rate_by_command`.

    In this process: a program of its own would be started, and a template made ready, for each
    volume anew.
    """
    extract, start = method(name), time.monotonic()
    try:
        mask = extract(volume, spacing_mm)
    except Exception as fault:  # as of a program: whatever it is, it is told and stops nothing
        reason = " ".join(str(fault).split()) or type(fault).__name__
        return Rating("failed", reason, time.monotonic() - start)
    if not mask.any():
        return Rating("failed", f"{name} found no brain", time.monotonic() - start)
    return Rating("used", "", time.monotonic() - start, mask)
