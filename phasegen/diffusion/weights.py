"""Trained models on disk: safetensors with all that is needed to use and to trace them."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from phasegen.diffusion.denoiser import Denoiser
from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.settings import PhaseModel

# One key only: the order of several is not the same in every process.
KEY = "phasegen"


class BadModel(UserError):
    """A file that holds no phase model."""


def save(path: str | Path, denoiser: Denoiser, facts: dict) -> None:
    """Write weights, settings and ``facts`` (how it was trained), whole or not at all."""
    content = {"model": denoiser.settings.model_dump(mode="json"), "facts": facts}
    with whole_file(path) as partial:
        metadata = {KEY: json.dumps(content, sort_keys=True)}
        save_file(denoiser.state_dict(), partial, metadata=metadata)


def load(path: str | Path) -> tuple[Denoiser, dict]:
    """Model in evaluation mode, and its facts.

    Raises:
        BadModel: a missing file or one that ``save`` did not write.
    """
    try:
        with safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})[KEY])
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError) as error:
        raise BadModel(f"{path} is no phase model of PhaseGen: {error}") from None
    denoiser = Denoiser(PhaseModel.model_validate(content["model"]))
    denoiser.load_state_dict(state)
    return denoiser.eval(), content["facts"]
