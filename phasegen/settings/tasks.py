"""What the tasks that train on synthetic k-space share."""

from typing import Literal

from pydantic import Field

from phasegen.settings.base import Count, Positive, Share, Strict
from phasegen.settings.fitting import Fitting, UNet

TrainingSource = Literal["none", "random", "naive", "phasegen", "original"]
"""Where the phase of training data is from; original: the scanner's."""


Domain = Literal["kspace", "image"]


class TaskNetwork(UNet):
    """The network of a task."""

    domain: Domain = Field(
        "kspace", description="what its convolutions run on; input and output are of one kind"
    )


class TaskTraining(Fitting):
    """How a task's network is fitted."""

    optimizer: Literal["adam", "adamw"] = "adam"
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

    def having(self, changes: Hyperparameters) -> "TaskModel":
        """The same with some hyperparameters of a source's own."""
        given = changes.model_dump(exclude_none=True)
        network = {name: given.pop(name) for name in ("dropout", "domain") if name in given}
        return self.model_copy(
            update={
                "network": self.network.model_copy(update=network),
                "training": self.training.model_copy(update=given),
            }
        )
