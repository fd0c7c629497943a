"""The simulated cohort."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from phasegen.settings.base import Contrast, Count, Positive, Strict


class Simulation(Strict):
    """Simulated subjects, for a cohort with known phase and no licence to ask for."""

    folder: str = Field("results/simulated", description="where the files go")
    groups: dict[str, Count] = Field(
        {"train": 12, "convert": 6},
        description="subjects per group; numbering runs on, so no subject is in two groups",
    )
    subjects_per_job: Count = Field(1, description="how many of a group one job simulates")
    contrasts: list[Contrast] = Field(["T1w", "T2w", "PDw"], min_length=1)
    slices: Count = Field(8, description="axial slices per volume")
    slices_of: dict[str, Count] = Field({}, description="the same for groups that have others")
    matrix: Annotated[int, Field(ge=32)] = Field(128, description="in-plane size [pixel]")
    field_strength: Positive = Field(3.0, description="[T]")
    snr: Positive = Field(
        40.0,
        description="mean white-matter signal over the standard deviation of one noise channel",
    )

    @model_validator(mode="after")
    def _slices_of_groups(self) -> Self:
        for name in self.slices_of.keys() - self.groups.keys():
            raise ValueError(f"slices_of names {name}, and the groups are {', '.join(self.groups)}")
        return self

    def of(self, subject: str) -> "Simulation":
        """The same with the slices of a subject's group for all."""
        slices = self.slices_of.get(self.group_of(subject), self.slices)
        return self.model_copy(update={"slices": slices, "slices_of": {}})

    def subjects(self) -> dict[str, list[str]]:
        """Names of the subjects of each group, numbered on over the groups."""
        names = iter(f"sub-{number:03d}" for number in range(1, sum(self.groups.values()) + 1))
        return {group: [next(names) for _ in range(count)] for group, count in self.groups.items()}

    def jobs(self) -> dict[str, list[str]]:
        """Subjects that a job makes, all of one group, by the first one."""
        per_job = self.subjects_per_job
        return {
            names[start]: names[start : start + per_job]
            for names in self.subjects().values()
            for start in range(0, len(names), per_job)
        }

    def group_of(self, subject: str) -> str:
        """Group of a subject; KeyError if there is no such subject."""
        groups = {name: group for group, names in self.subjects().items() for name in names}
        return groups[subject]

    def raw_file(self, subject: str, contrast: Contrast) -> str:
        """Raw data (HDF5) of one contrast, below the folder of the simulation."""
        return f"{self.group_of(subject)}/{subject}/{subject}_{contrast}.h5"

    def magnitude_file(self, subject: str, contrast: Contrast) -> str:
        """Magnitude volume (NIfTI) of one contrast, likewise."""
        return f"{self.group_of(subject)}/{subject}/{subject}_{contrast}.nii.gz"

    def mask_file(self, subject: str) -> str:
        """Brain mask (NIfTI), likewise."""
        return f"{self.group_of(subject)}/{subject}/{subject}_mask.nii.gz"

    def files(self, subject: str) -> list[str]:
        """All files of one subject, likewise."""
        return [
            *(self.raw_file(subject, contrast) for contrast in self.contrasts),
            *(self.magnitude_file(subject, contrast) for contrast in self.contrasts),
            self.mask_file(subject),
        ]
