"""What the tasks that train on synthetic k-space share."""

from typing import Literal, Self

from pydantic import Field, model_validator

from phasegen.settings.base import Count, Positive, Share, Strict
from phasegen.settings.fitting import Fitting, UNet

TrainingSource = Literal["none", "random", "naive", "phasegen", "original"]
"""Where the phase of training data is from; original: the scanner's."""


Domain = Literal["kspace", "image"]
Activation = Literal["relu", "prelu"]
Consistency = Literal["pooling", "output", "both", "none"]


class TaskNetwork(UNet):
    """The network of a task."""

    domain: Domain = Field(
        "kspace", description="what its convolutions run on; input and output are of one kind"
    )


class ReconstructionUNet(TaskNetwork):
    """The network of a reconstruction, with data consistency (Rempe et al. 2025, IV-C)."""

    domain: Domain = Field("image", description="what its convolutions run on")
    activation: Activation = Field(
        "relu", description="of real and imaginary part; prelu: with slopes that are learnt"
    )
    consistency: Consistency = Field(
        "pooling",
        description="where the measurement overwrites what the network says; pooling: after every "
        "pooling, scaled to the features, in every channel; output: once, at the end, exactly",
    )

    @property
    def held_at_poolings(self) -> bool:
        """Whether features are held to the measurement."""
        return self.consistency in ("pooling", "both")

    @property
    def held_at_output(self) -> bool:
        """Whether the output is."""
        return self.consistency in ("output", "both")


class TaskTraining(Fitting):
    """How a task's network is fitted."""

    flips: bool = Field(True, description="mirror slices along either axis, at random")
    global_phase: bool = Field(
        False,
        description="turn the phase of a whole slice by a random angle, whatever its source (not "
        "in the paper)",
    )


class Loss(Strict):
    """Weights of the parts of the loss; the mean of |error| or of |error|^2 of complex values."""

    norm: Literal["l1", "l2"] = "l1"
    kspace: float = Field(1.0, ge=0)
    image: float = Field(1.0, ge=0)


class ReconstructionLoss(Loss):
    """L1, SSIM or both: weights of the parts."""

    kspace: float = Field(0.0, ge=0)
    of: Literal["complex", "magnitude"] = Field(
        "complex", description="values whose error, in image and k-space, is taken"
    )
    ssim: float = Field(0.0, ge=0, description="of 1 - SSIM of the magnitudes")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.image or self.kspace or self.ssim):
            raise ValueError("one of image, kspace and ssim must be above 0")
        return self


class Hyperparameters(Strict):
    """What an arm of an experiment may have of its own; null: as for all."""

    learning_rate: Positive | None = None
    batch: Count | None = None
    decay: float | None = Field(None, gt=0, le=1)
    epochs: Count | None = None
    dropout: Share | None = None
    global_phase: bool | None = None
    domain: Domain | None = None


class Arm(Hyperparameters):
    """One row of a table: a source of phase, and hyperparameters of its own."""

    phase: TrainingSource | None = Field(
        None, description="where the phase is from; null: the name of the arm says it"
    )

    def changes(self) -> dict[str, float | bool | str]:
        """Hyperparameters that differ from those of all."""
        return self.model_dump(mode="json", exclude={"phase"}, exclude_none=True)


class TaskModel(Strict):
    """A network and all that it is fitted by."""

    network: TaskNetwork = TaskNetwork()
    training: TaskTraining = TaskTraining()
    loss: Loss = Loss()

    def having(self, changes: Hyperparameters) -> Self:
        """The same with some hyperparameters of a source's own."""
        given = changes.model_dump(exclude_none=True)
        network = {name: given.pop(name) for name in ("dropout", "domain") if name in given}
        return self.model_copy(
            update={
                "network": self.network.model_copy(update=network),
                "training": self.training.model_copy(update=given),
            }
        )


class ReconstructionModel(TaskModel):
    """The same for reconstruction."""

    network: ReconstructionUNet = ReconstructionUNet()
    loss: ReconstructionLoss = ReconstructionLoss()
