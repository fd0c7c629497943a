"""Figures and tables, from files that the pipeline wrote."""
