"""Sizes of slices, where cohorts have their own: whether the networks fit them."""

from collections.abc import Iterator, Mapping
from itertools import product

from phasegen.settings.base import ConfigError
from phasegen.settings.cohort import Cohort
from phasegen.settings.phase_model import PhaseModel
from phasegen.settings.tasks import TaskModel
from phasegen.settings.whole import Settings, models_to_train

Models = dict[str, PhaseModel | TaskModel]
"""Networks by their key in the configuration."""


def check_sizes(settings: Settings, cohorts: Mapping[str, Cohort]) -> None:
    """Whether every network that is trained fits the slices that it is given.

    Raises:
        ConfigError: slices that cannot be halved as often as a network does, or of several sizes
            where one is needed.
    """
    for names, models in _used_together(settings, cohorts):
        sizes = {name: size_of(cohorts[name], settings) for name in names if name in cohorts}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise ConfigError(f"cohort table: slices of one size are needed, not of {listed}")
        for (name, size), (key, model) in product(sizes.items(), models.items()):
            if size % model.network.multiple:
                raise ConfigError(
                    f"cohort table: the size of {name!r} must be a multiple of "
                    f"{model.network.multiple} (2 to the number of {key}.network.widths, times its "
                    f"patch), not {size}"
                )


def size_of(cohort: Cohort, settings: Settings) -> int:
    """Rows and columns of the slices of a cohort [pixel]."""
    return cohort.size or settings.ingest.size


def _used_together(
    settings: Settings, cohorts: Mapping[str, Cohort]
) -> Iterator[tuple[list[str], Models]]:
    """Cohorts whose slices must be of one size, and the networks that they are for."""
    trained = {
        f"phase_models.{name}": settings.phase_models[name] for name in models_to_train(settings)
    }
    yield [name for name, cohort in cohorts.items() if cohort.role == "raw"], trained
    for name, cohort in cohorts.items():
        if cohort.role == "magnitude":
            yield [name], trained
    for task in (settings.skull_strip, settings.reconstruction):
        if task.test:
            models = settings.task_models()
            own = {key: models[key] for key in models if key.startswith(f"{task.section}.")}
            yield [task.cohort, *([task.original] if task.original else []), *task.test], own
