"""Trained networks of reconstruction on disk."""

from pathlib import Path
from typing import NamedTuple

from phasegen.nn.weights_file import read_weights, write_weights
from phasegen.settings import ReconstructionModel
from phasegen.tasks.reconstruction_network import ReconstructionNetwork

KIND = "reconstruction"


class Reconstructor(NamedTuple):
    """A network and what it came from."""

    network: ReconstructionNetwork
    facts: dict


def save(path: str | Path, reconstructor: Reconstructor) -> None:
    """Write all of it, whole or not at all."""
    settings = reconstructor.network.settings.model_dump(mode="json")
    content = {KIND: settings, "facts": reconstructor.facts}
    write_weights(path, reconstructor.network.state_dict(), content)


def load(path: str | Path) -> Reconstructor:
    """In evaluation mode.

    Raises:
        BadModel: a missing file or one that ``save`` did not write.
    """
    state, content = read_weights(path, KIND)
    network = ReconstructionNetwork(ReconstructionModel.model_validate(content[KIND]))
    network.load_state_dict(state)
    return Reconstructor(network.eval(), content["facts"])
