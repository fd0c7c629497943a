"""The formats: a new one is a module with a `Reader` and a line here and in `settings.Cohort`."""

from phasegen.sources.base import Reader
from phasegen.sources.calgary import CalgaryReader
from phasegen.sources.fastmri import FastmriReader
from phasegen.sources.ismrmrd_file import IsmrmrdReader
from phasegen.sources.nifti import NiftiReader

READERS: dict[str, Reader] = {
    "calgary": CalgaryReader(),
    "fastmri": FastmriReader(),
    "ismrmrd": IsmrmrdReader(),
    "nifti": NiftiReader(),
}


def reader(name: str) -> Reader:
    """Reader of one format.

    Raises:
        ValueError: no format of that name.
    """
    if name not in READERS:
        raise ValueError(f"no reader {name!r}; there are {', '.join(sorted(READERS))}")
    return READERS[name]
