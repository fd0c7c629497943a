"""Which hyperparameters of a search are best, for either task."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from phasegen.nn.weights_file import read_content
from phasegen.paths import whole_file
from phasegen.provenance import recorded


def choose_hyperparameters(
    candidates: Sequence[tuple[Mapping[str, float], str | Path]], score: str, chosen: str | Path
) -> None:
    """The candidate whose network scored best on validation subjects, and all scores (JSON).

    Args:
        candidates: hyperparameters and weights.
        score: the fact of the weights that is to be high, such as ``validation_dice``.

    Raises:
        BadModel: a file that holds no weights.
    """
    scores = [
        {"changes": dict(changes), score: read_content(weights)["facts"][score]}
        for changes, weights in candidates
    ]
    best = max(scores, key=lambda row: row[score])
    made_from = recorded(weights for _, weights in candidates)
    content = {"changes": best["changes"], "candidates": scores, "made_from": made_from}
    with whole_file(chosen) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")
