"""The phase model: network, diffusion, training."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from phasegen.settings.base import Positive, Strict
from phasegen.settings.fitting import Fitting, UNet


class Network(UNet):
    """The network of a diffusion: it is also told the step."""

    embedding: Annotated[int, Field(ge=2, multiple_of=2)] = Field(
        64, description="length of the step embedding"
    )
    context: Annotated[int, Field(ge=0)] = Field(
        0,
        description="channels of a small encoder that tells from the whole magnitude what kind of "
        "image it is; 0: there is none (the paper)",
    )


class Diffusion(Strict):
    """The forward process (Rempe et al. 2025, Alg. 1)."""

    timesteps: Annotated[int, Field(ge=2)] = 1000
    noise: Literal["unit", "gaussian"] = Field(
        "gaussian",
        description="unit: magnitude one, uniform phase (the paper); gaussian: circular complex normal",
    )
    forward: Literal["linear", "polar"] = Field(
        "linear",
        description="how noise enters: linear (the paper's Alg. 1) or polar (its Eq. 3, closed; "
        "there is no sampler for it but the linear one, a mismatch)",
    )
    condition: Literal["channel", "modulation"] = Field(
        "modulation",
        description="how the magnitude enters: as a channel (the paper), or also by "
        "multiplication at both ends of the network",
    )
    prediction: Literal["eps", "v"] = Field(
        "v",
        description="what the network learns: the noise (the paper), or the velocity, which is "
        "well conditioned at every step",
    )
    steps: Literal["uniform", "lognormal"] = Field(
        "lognormal",
        description="law of the training steps: uniform (the paper), or by a normal law of "
        "ln(noise / signal), which spends more on the noisy steps that lay out the phase",
    )
    level_mean: float = Field(
        0.2,
        description="of ln(noise / signal) under lognormal; higher than EDM's -1.2, since noisy "
        "steps lay out the phase",
    )
    level_spread: Positive = Field(1.3, description="its standard deviation")
    smallest: Annotated[int, Field(ge=0)] = Field(
        0,
        description="shorter edge [pixel] of the coarse grid on which the phase is diffused; finer "
        "grids are made from it by a second network, and the receiver's noise is drawn in the end. "
        "0: all is diffused on the full grid (the paper)",
    )
    loss: Literal["l1", "l2"] = Field(
        "l2", description="l1 is the published code's, l2 the paper's"
    )

    @model_validator(mode="after")
    def _polar_is_of_phases(self) -> "Diffusion":
        if self.forward == "polar" and (self.noise, self.prediction) != ("unit", "eps"):
            raise ValueError("forward: polar needs noise: unit and prediction: eps")
        return self

    @model_validator(mode="after")
    def _coarse_noise_is_gaussian(self) -> "Diffusion":
        if self.smallest and (self.forward, self.noise) != ("linear", "gaussian"):
            raise ValueError("smallest needs forward: linear and noise: gaussian")
        return self


class Training(Fitting):
    """How the phase model is fitted."""

    sizes: list[Annotated[int, Field(ge=16)]] = Field(
        [],
        description="rows and columns, drawn for each batch, to which slices are brought by the "
        "centre of k-space; empty: the slices as they are",
    )
    norm_epochs: Annotated[int, Field(ge=0)] = Field(
        0,
        description="epochs after which batch normalisation keeps its averages, so that training "
        "goes on with the network that samples; 0: it never does (the paper)",
    )
    noise: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0,
        description="largest standard deviation of noise added to slices, over their scale",
    )


class PhaseModel(Strict):
    """A conditional diffusion model that gives a magnitude image its phase."""

    weights: str = Field(
        "",
        description="file of a trained model, used as it is; empty: train by the sections below",
    )
    network: Network = Network()
    diffusion: Diffusion = Diffusion()
    training: Training = Training()

    @model_validator(mode="after")
    def _grids_are_trained(self) -> "PhaseModel":
        smallest, sizes = self.diffusion.smallest, self.training.sizes
        if not smallest or self.weights:
            return self
        if not sizes or min(sizes) < 2 * smallest:
            raise ValueError("with diffusion.smallest, training.sizes must hold twice that or more")
        if smallest % self.multiple:
            raise ValueError(f"diffusion.smallest must be a multiple of {self.multiple}")
        return self

    @property
    def multiple(self) -> int:
        """Rows and columns of all grids must be multiples of this."""
        return self.network.multiple

    @model_validator(mode="after")
    def _trained_or_not(self) -> "PhaseModel":
        if self.weights and self.model_fields_set - {"weights"}:
            raise ValueError("a model with weights is complete; leave out its other sections")
        return self
