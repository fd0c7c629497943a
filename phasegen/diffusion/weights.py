"""Trained phase models on disk."""

from pathlib import Path

from phasegen.diffusion.denoiser import Denoiser
from phasegen.nn.weights_file import BadModel, read_weights, write_weights
from phasegen.settings import PhaseModel

__all__ = ["BadModel", "load", "save"]


def save(path: str | Path, denoiser: Denoiser, facts: dict) -> None:
    """Write weights, settings and ``facts`` (how it was trained), whole or not at all."""
    content = {"model": denoiser.settings.model_dump(mode="json"), "facts": facts}
    write_weights(path, denoiser.state_dict(), content)


def load(path: str | Path) -> tuple[Denoiser, dict]:
    """Model in evaluation mode, and its facts.

    Raises:
        BadModel: a missing file or one that ``save`` did not write.
    """
    state, content = read_weights(path, "model")
    denoiser = Denoiser(PhaseModel.model_validate(content["model"]))
    denoiser.load_state_dict(state)
    return denoiser.eval(), content["facts"]
