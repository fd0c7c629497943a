"""Trained networks of skull-stripping on disk."""

from pathlib import Path
from typing import NamedTuple

from phasegen.nn.weights_file import read_weights, write_weights
from phasegen.settings import TaskModel
from phasegen.tasks.skull_strip_network import ImageNetwork

KIND = "skull_strip"


class SkullStripper(NamedTuple):
    """A network, the threshold that goes with it, and what it came from."""

    network: ImageNetwork
    factor: float
    """Of the mean magnitude of a slice, see `brain_masks`."""
    facts: dict


def save(path: str | Path, stripper: SkullStripper) -> None:
    """Write all of it, whole or not at all."""
    settings = stripper.network.settings.model_dump(mode="json")
    content = {KIND: settings, "factor": stripper.factor, "facts": stripper.facts}
    write_weights(path, stripper.network.state_dict(), content)


def load(path: str | Path) -> SkullStripper:
    """In evaluation mode.

    Raises:
        BadModel: a missing file or one that ``save`` did not write.
    """
    state, content = read_weights(path, KIND)
    network = ImageNetwork(TaskModel.model_validate(content[KIND]))
    network.load_state_dict(state)
    return SkullStripper(network.eval(), content["factor"], content["facts"])
