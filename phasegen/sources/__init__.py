"""Readers: one module per file format behind one interface, and the scan of a cohort."""
