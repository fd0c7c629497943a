"""Images of the head from first principles: anatomy, contrast, field, coil and noise."""
