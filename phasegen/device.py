"""The device of a computation: what the configuration says, never less in silence."""

import torch

from phasegen.errors import UserError
from phasegen.settings import Device


def use_device(name: Device) -> torch.device:
    """Torch device of that name.

    Raises:
        UserError: no such device on this machine.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("the configuration says 'device: cuda', and torch sees no GPU; say 'cpu'")
    return torch.device(name)
