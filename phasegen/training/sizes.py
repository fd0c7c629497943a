"""The size that a training batch is seen at."""

import numpy as np

from phasegen.settings import Training

FEWEST = 8
"""Slices of a batch that are refined at least, however large they are."""

AREA = 2048
"""Pixels of an image up to which the whole batch is refined; of larger ones fewer, at like cost."""


def draw_size(training: Training, random: np.random.Generator) -> int | None:
    """One of ``training.sizes``; None: the slices as they are."""
    return int(random.choice(training.sizes)) if training.sizes else None


def size_in_turn(training: Training, number: int) -> int | None:
    """The same for every epoch, one after the other."""
    sizes = sorted(set(training.sizes))
    return sizes[number % len(sizes)] if sizes else None


def refined_rows(batch: int, size: int) -> int:
    """Slices of a batch that are refined, where the cheaper coarse grid sees them all."""
    return min(max(batch * AREA // size**2, FEWEST), batch)
