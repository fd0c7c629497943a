"""Synthetic complex k-space from magnitude MRI."""

__version__ = "0.1.0"
