"""Brain extraction in the image, by several methods that vote: the raters of a STAPLE."""
