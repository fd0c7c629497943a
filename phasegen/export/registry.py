"""The formats: a new one is a module with a `Format`, a line here and one in `settings`."""

from phasegen.export.bart import BartFormat
from phasegen.export.base import Format
from phasegen.export.bids import BidsFormat
from phasegen.export.fastmri import FastmriFormat
from phasegen.export.ismrmrd import IsmrmrdFormat

FORMATS: dict[str, Format] = {
    "bart": BartFormat(),
    "bids": BidsFormat(),
    "fastmri": FastmriFormat(),
    "ismrmrd": IsmrmrdFormat(),
}
