"""Stores to export."""

from ..export.conftest import make_store

__all__ = ["make_store"]
