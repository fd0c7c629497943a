"""Fitting models: the loop, its checkpoints and its record."""
