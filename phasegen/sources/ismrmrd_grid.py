"""The Cartesian grid that an ISMRMRD header describes, without any of its acquisitions."""

from dataclasses import dataclass
from xml.etree import ElementTree

from phasegen.sources.ismrmrd_xml import Encoding, length, parse, tree

MOST = 2**16 - 1  # both in the XML's schema and in the acquisitions these are 16 bits


@dataclass(frozen=True)
class Grid:
    """Where samples belong.

    Attributes:
        size: points along (x, y, z): readout, phase and partition encoding.
        centres: ``kspace_encode_step_1`` and ``kspace_encode_step_2`` of the zero frequency.
        slab_mm: encoded length along z [mm].
        encoding: fields of view and facts; its rows are x, the readout.
    """

    size: tuple[int, int, int]
    centres: tuple[int, int]
    slab_mm: float
    encoding: Encoding

    def readout_kept(self) -> int:
        """Points along the readout once its oversampling is cut off the image."""
        return min(self.encoding.field_of_view(self.size[:2])[0], self.size[0])

    def partitions_kept(self) -> int:
        """Slices of a slab once its oversampling is cut off."""
        kept = round(self.size[2] * self.encoding.thickness_mm / self.slab_mm)
        return min(max(1, kept), self.size[2])


def read_grid(xml: str) -> Grid:
    """Grid of the first encoding space.

    Raises:
        ValueError: not XML, a document type, an encoding not stated or with numbers that are
            none, a trajectory that is not Cartesian.
    """
    root = tree(xml)
    trajectory = root.findtext("{*}encoding/{*}trajectory", "").strip().lower()
    if trajectory != "cartesian":
        raise ValueError(f"the trajectory is {trajectory or 'not stated'!r}, not 'cartesian'")
    encoding = parse(xml)
    if encoding is None:
        raise ValueError("fieldOfView_mm is not stated")
    space = root.find("{*}encoding/{*}encodedSpace")
    x, y, z = (_count(space, f"{{*}}matrixSize/{{*}}{axis}") for axis in "xyz")
    limits = root.find("{*}encoding/{*}encodingLimits")
    return Grid(
        size=(x, y, z),
        centres=(_centre(limits, 1, y // 2), _centre(limits, 2, z // 2)),
        slab_mm=length(space.find("{*}fieldOfView_mm"), "z"),
        encoding=encoding,
    )


def _count(space: ElementTree.Element, where: str) -> int:
    value = int(space.findtext(where, "0"))
    if not 0 < value <= MOST:
        raise ValueError(f"matrixSize of {value} is not positive, or absurd")
    return value


def _centre(limits: ElementTree.Element | None, step: int, otherwise: int) -> int:
    where = f"{{*}}kspace_encoding_step_{step}/{{*}}center"
    text = None if limits is None else limits.findtext(where)
    value = otherwise if text is None else int(text)
    if not 0 <= value <= MOST:
        raise ValueError(f"encodingLimits have an absurd center of {value}")
    return value
