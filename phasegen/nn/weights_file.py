"""Weights on disk: safetensors with all that is needed to use and to trace them."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from phasegen.errors import UserError
from phasegen.paths import whole_file

# One key only: the order of several is not the same in every process.
KEY = "phasegen"


class BadModel(UserError):
    """A file that holds no model of the kind that is wanted."""


def write_weights(path: str | Path, state: dict[str, torch.Tensor], content: dict) -> None:
    """Write weights and ``content``, fit for JSON, whole or not at all."""
    with whole_file(path) as partial:
        save_file(state, partial, metadata={KEY: json.dumps(content, sort_keys=True)})


def read_weights(path: str | Path, kind: str) -> tuple[dict[str, torch.Tensor], dict]:
    """Weights and content; ``kind`` is a key that the content must have, such as "model".

    Raises:
        BadModel: a missing file, or one that holds no such model.
    """
    try:
        with safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})[KEY])
            content[kind]
            return {name: file.get_tensor(name) for name in file.keys()}, content  # noqa: SIM118
    except (OSError, SafetensorError, KeyError) as error:
        raise BadModel(f"{path} is no {kind} of PhaseGen: {error}") from None


def read_content(path: str | Path) -> dict:
    """What `write_weights` put beside the weights, none of which is read.

    Raises:
        BadModel: a missing file, or one that is no model of PhaseGen.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return json.loads((file.metadata() or {})[KEY])
    except (OSError, SafetensorError, KeyError) as error:
        raise BadModel(f"{path} is no model of PhaseGen: {error}") from None
