"""Damaged and malicious files, and the process in which they are read."""
