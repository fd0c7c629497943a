"""One function for each rule of the workflow: named files in, named files out."""
