"""The built-in raters: a new one is a module with ``extract`` and a line here."""

from collections.abc import Callable
from importlib import import_module

METHODS = ("atlas", "median_otsu", "median_otsu_2d", "threshold", "watershed", "watershed_2d")
"""Modules of this folder."""


def method(name: str) -> Callable:
    """``extract`` of one method; its libraries are imported now.

    Raises:
        ValueError: no method of that name.
    """
    if name not in METHODS:
        raise ValueError(f"no method {name!r}; there are {', '.join(METHODS)}")
    return import_module(f"phasegen.raters.{name}").extract
