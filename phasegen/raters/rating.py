"""What became of a volume with a rater."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Status = Literal["used", "failed", "missing", "other stacks"]


@dataclass(frozen=True)
class Rating:
    """One volume with one rater; ``mask`` is there if the status is "used"."""

    status: Status
    message: str = ""
    seconds: float = 0.0
    mask: np.ndarray | None = None
    """Bool (slice, y, x), on the grid of the volume."""
