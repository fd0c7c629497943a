"""How real a phase is: laws of the local phase, of k-space and of repeated samples."""
