"""Using a trained network of reconstruction, and the floors beside it."""

from copy import deepcopy

import numpy as np
import torch

from phasegen.device import halving, use_device
from phasegen.fourier import to_image
from phasegen.nn.inference import for_inference
from phasegen.tasks.measurement import Measurement, Sampling, measured
from phasegen.tasks.reconstruction_network import ReconstructionNetwork
from phasegen.tasks.strip import in_batches


class FastReconstructor:
    """A network in its fast form, for measurements."""

    def __init__(self, network: ReconstructionNetwork) -> None:
        training = network.settings.training
        torch.set_num_threads(training.threads)
        self.device = use_device(training.device, "training.device")
        self.batch = training.batch
        self.network = deepcopy(network).to(self.device).eval()
        self.network.unet = for_inference(self.network.unet)

    @torch.inference_mode()
    def __call__(self, images: np.ndarray, lines: np.ndarray, sampling: Sampling) -> np.ndarray:
        """Magnitudes of the reconstructions, float32 ``(slice, y, x)``.

        Args:
            images: complex64 ``(slice, y, x)``, fully sampled; what ``lines`` has not is not seen.
            lines: bool ``(slice, line)``.
        """

        def reconstruct(batch: int) -> np.ndarray:
            found = []
            for part in in_batches(range(len(images)), batch):
                values = torch.from_numpy(images[part, None]).to(self.device)
                seen = measured(values, lines[part], sampling.axis)
                found.append(_magnitudes(self.network(seen.kspace, seen.mask), seen))
            return np.concatenate(found)

        return halving(self.batch, reconstruct)


def zero_filled(images: np.ndarray, lines: np.ndarray, sampling: Sampling) -> np.ndarray:
    """As `FastReconstructor`, with what was not measured taken for 0."""
    seen = measured(torch.from_numpy(images[:, None]), lines, sampling.axis)
    return _magnitudes(to_image(seen.kspace), seen)


def _magnitudes(found: torch.Tensor, seen: Measurement) -> np.ndarray:
    return (found.abs() * seen.scale)[:, 0].cpu().numpy()
