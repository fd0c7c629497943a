"""Using a trained network."""

from collections.abc import Iterable, Iterator
from copy import deepcopy

import numpy as np
import torch
from torch.utils.data import DataLoader

from phasegen.data.masked import MaskedSlices
from phasegen.data.stored import together
from phasegen.device import halving, use_device
from phasegen.nn.inference import for_inference
from phasegen.tasks.skull_strip_network import ImageNetwork


class FastStripper:
    """A network in its fast form, for arrays."""

    def __init__(self, network: ImageNetwork) -> None:
        training = network.settings.training
        torch.set_num_threads(training.threads)
        self.device = use_device(training.device, "training.device")
        self.network = deepcopy(network).to(self.device).eval()
        self.network.unet = for_inference(self.network.unet)

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Magnitude of the stripped heads, float32 ``(slice, y, x)``, of complex ``images``.

        Nowhere above that of the head. A network of k-space can put bright pixels into air: what
        it adds to all of k-space alike is a point of the image, and where it folds k-space, several.
        """

        def strip(batch: int) -> np.ndarray:
            parts = [images[part, None] for part in in_batches(range(len(images)), batch)]
            return np.concatenate([self._strip(torch.from_numpy(part)) for part in parts])

        return halving(len(images), strip)

    def _strip(self, images: torch.Tensor) -> np.ndarray:
        heads = images.to(self.device)
        return torch.minimum(self.network(heads).abs(), heads.abs())[:, 0].cpu().numpy()


def stripped_slices(
    network: ImageNetwork, slices: MaskedSlices, batch: int
) -> tuple[np.ndarray, np.ndarray]:
    """Magnitude of the stripped heads, and the masks they should have: ``(slice, y, x)``."""
    strip, found = FastStripper(network), []
    for values, _ in DataLoader(slices, batch_size=batch, collate_fn=together):
        found.append((strip(values[:, 0].numpy()), values[:, 1].real.numpy() > 0.5))
    outputs, masks = zip(*found, strict=True)
    return np.concatenate(outputs), np.concatenate(masks)


def in_batches(rows: Iterable[int], batch: int) -> Iterator[np.ndarray]:
    """Rows, so many at a time."""
    rows = np.asarray(list(rows))
    yield from (rows[start : start + batch] for start in range(0, len(rows), batch))
