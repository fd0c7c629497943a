"""The configuration: its one definition, its defaults and its checks."""

from phasegen.settings.base import (
    ConfigError,
    Contrast,
    Device,
    ExportFormat,
    PhaseSource,
    Precision,
    SamplerName,
)
from phasegen.settings.cohort import Cohort, read_cohorts
from phasegen.settings.datasets import DataFile, Datasets, read_datasets
from phasegen.settings.fitting import Fitting, UNet
from phasegen.settings.phase_model import Diffusion, Network, PhaseModel, Training
from phasegen.settings.quality import Quality
from phasegen.settings.raters import Rater
from phasegen.settings.reconstruction import Reconstruction
from phasegen.settings.simulation import Simulation
from phasegen.settings.sizes import check_sizes, size_of
from phasegen.settings.skull_strip import SkullStrip
from phasegen.settings.stores import Ingest, Synthesis
from phasegen.settings.tasks import (
    Arm,
    Domain,
    Hyperparameters,
    Loss,
    ReconstructionLoss,
    ReconstructionModel,
    ReconstructionUNet,
    TaskModel,
    TaskTraining,
    TrainingSource,
)
from phasegen.settings.undersampling import MaskKind, Undersampling
from phasegen.settings.whole import Settings, load, models_to_train, validate

__all__ = [
    "Arm",
    "Cohort",
    "ConfigError",
    "Contrast",
    "DataFile",
    "Datasets",
    "Device",
    "Diffusion",
    "Domain",
    "ExportFormat",
    "Fitting",
    "Hyperparameters",
    "Ingest",
    "Loss",
    "MaskKind",
    "Network",
    "PhaseModel",
    "PhaseSource",
    "Precision",
    "Quality",
    "Rater",
    "Reconstruction",
    "ReconstructionLoss",
    "ReconstructionModel",
    "ReconstructionUNet",
    "SamplerName",
    "Settings",
    "Simulation",
    "SkullStrip",
    "Synthesis",
    "TaskModel",
    "TaskTraining",
    "Training",
    "TrainingSource",
    "UNet",
    "Undersampling",
    "check_sizes",
    "load",
    "models_to_train",
    "read_cohorts",
    "read_datasets",
    "size_of",
    "validate",
]
