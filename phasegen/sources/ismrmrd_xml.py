"""The few facts of an ISMRMRD header that say how k-space becomes an image."""

import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from phasegen.sources.base import Fact

SHORTEST_MM, LONGEST_MM = 1e-3, 1e5
FACTS = {
    "field_strength_T": ".//{*}systemFieldStrength_T",
    "te_ms": ".//{*}sequenceParameters/{*}TE",
    "tr_ms": ".//{*}sequenceParameters/{*}TR",
    "ti_ms": ".//{*}sequenceParameters/{*}TI",
}


@dataclass(frozen=True)
class Encoding:
    """Fields of view (rows, columns) [mm] as acquired and as meant to be shown, and facts."""

    encoded_mm: tuple[float, float]
    shown_mm: tuple[float, float]
    thickness_mm: float
    facts: dict[str, Fact]

    def spacing(self, shape: tuple[int, int]) -> tuple[float, float]:
        """Pixel size (row, column) [mm] of the full image of a k-space of ``shape``."""
        return self.encoded_mm[0] / shape[0], self.encoded_mm[1] / shape[1]

    def field_of_view(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Pixels (rows, columns) of the field of view to be shown.

        From lengths, not from the header's matrix sizes: a scanner that interpolates its
        pictures states more pixels than were measured, and nothing is to be cut then.
        """
        rows, columns = (
            max(1, round(n * shown / encoded))
            for n, shown, encoded in zip(shape, self.shown_mm, self.encoded_mm, strict=True)
        )
        return rows, columns


def parse(xml: str) -> Encoding | None:
    """Encoding of the first encoding space, x being rows; None where it is not stated.

    Raises:
        ValueError: not XML, a document type, no numbers.
    """
    root = tree(xml)
    encoded, shown = (
        root.find(f"{{*}}encoding/{{*}}{space}/{{*}}fieldOfView_mm")
        for space in ("encodedSpace", "reconSpace")
    )
    if encoded is None or shown is None:
        return None
    return Encoding(
        encoded_mm=(length(encoded, "x"), length(encoded, "y")),
        shown_mm=(length(shown, "x"), length(shown, "y")),
        thickness_mm=length(shown, "z"),
        facts={
            name: float(text) for name, where in FACTS.items() if (text := root.findtext(where))
        },
    )


def tree(xml: str) -> ElementTree.Element:
    """The header's root.

    Raises:
        ValueError: not XML, a document type (which could expand without bound).
    """
    if re.search(r"<!(DOCTYPE|ENTITY)", xml, re.IGNORECASE):
        raise ValueError("a document type is not allowed")
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None


def length(field_of_view: ElementTree.Element, axis: str) -> float:
    """Positive length [mm] of a ``fieldOfView_mm`` along "x", "y" or "z".

    Raises:
        ValueError: there is none, or none that a scanner could have.
    """
    value = float(field_of_view.findtext(f"{{*}}{axis}", "nan"))
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"fieldOfView_mm has no positive {axis}")
    if not SHORTEST_MM <= value <= LONGEST_MM:
        raise ValueError(f"fieldOfView_mm has an absurd {axis} of {value:g}")
    return value
