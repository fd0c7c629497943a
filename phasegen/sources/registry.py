"""The formats: a new one is a module with a `Reader` and a line here and in `settings.Cohort`."""

from phasegen.sources.base import Reader
from phasegen.sources.bids import BidsReader
from phasegen.sources.calgary import CalgaryReader
from phasegen.sources.fastmri import FastmriReader
from phasegen.sources.ismrmrd_file import IsmrmrdReader
from phasegen.sources.isolated import Isolated
from phasegen.sources.matlab import MatlabReader
from phasegen.sources.nifti import NiftiReader
from phasegen.sources.numpy_file import NumpyReader

# HDF5 is read in a process of its own, since a damaged file can crash the library
READERS: dict[str, Reader] = {
    "bids": BidsReader(),
    "calgary": Isolated(CalgaryReader()),
    "fastmri": Isolated(FastmriReader()),
    "ismrmrd": Isolated(IsmrmrdReader()),
    "matlab": Isolated(MatlabReader()),
    "nifti": NiftiReader(),
    "numpy": NumpyReader(),
}


def reader(name: str) -> Reader:
    """Reader of one format.

    Raises:
        ValueError: no format of that name.
    """
    if name not in READERS:
        raise ValueError(f"no reader {name!r}; there are {', '.join(sorted(READERS))}")
    return READERS[name]
