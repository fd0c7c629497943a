"""What all models share: the shape of the network, and how it is fitted."""

from typing import Annotated, Literal

from pydantic import Field

from phasegen.settings.base import Count, Device, Positive, Precision, Share, Strict


class UNet(Strict):
    """The complex residual U-Net (k-Strip, Rempe et al. 2024)."""

    widths: list[Count] = Field(
        [16, 32, 64], min_length=1, description="complex channels of each level"
    )
    bottleneck: Count = 128
    extra_blocks: Annotated[int, Field(ge=0)] = Field(
        0, description="residual blocks after the first of each level"
    )
    dropout: Share = 0.0
    patch: Count = Field(
        1, description="edge of the square of pixels folded into channels; 1 is the paper's network"
    )

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        return self.patch * 2 ** len(self.widths)


class Fitting(Strict):
    """How a model is fitted."""

    epochs: Count = 60
    batch: Count = 16
    optimizer: Literal["adam", "adamw"] = "adam"
    learning_rate: Positive = 2e-3
    decay: Annotated[float, Field(gt=0, le=1)] = Field(
        0.98, description="factor on the learning rate after every epoch"
    )
    betas: tuple[Share, Share] = (0.9, 0.99)
    average: Share = Field(
        0.99,
        description="decay of the moving average of the weights that is kept; 0 keeps the last",
    )
    clip: Positive = Field(1.0, description="largest norm of the gradient")
    precision: Precision = Field(
        "float32", description="of the convolutions; weights and losses are float32"
    )
    devices: Count = Field(1, description="GPUs, or CPU processes, that share each step")
    validation: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.15, description="share of the subjects held out for early stopping"
    )
    patience: Count = Field(30, description="epochs without a better validation loss")
    threads: Count = Field(
        2, description="numerical threads; part of the result, so never automatic"
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0,
        description="processes that read slices for each device; 0: training reads by itself. It "
        "never changes the result",
    )
    device: Device = "cpu"
