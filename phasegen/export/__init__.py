"""Stores in the formats that other programs read, one module per format."""
