"""Sharded Zarr stores: their grid, their writer and their seal."""
