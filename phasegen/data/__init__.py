"""Slices of sealed stores as training data."""
