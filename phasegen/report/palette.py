"""Colours, dashes and order of the sources of phase, the same in every figure."""

from collections.abc import Iterable

# Okabe & Ito (2008): told apart without colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#999999"

FLOORS = ("zerofilling", "compressed_sensing")
"""Reconstructions that nothing was trained for."""
ORDER = (*FLOORS, "none", "random", "naive", "phasegen", "original")
REAL_PHASE = {"color": BLACK, "linestyle": "-"}
KNOWN = {
    "none": {"color": VERMILLION, "linestyle": ":"},
    "random": {"color": PURPLE, "linestyle": (0, (1, 1))},
    "naive": {"color": SKY, "linestyle": "-."},
    "phasegen": {"color": GREEN, "linestyle": "--"},
    "original": REAL_PHASE,
    "real": REAL_PHASE,
    "zerofilling": {"color": GREY, "linestyle": (0, (8, 3))},
    "compressed_sensing": {"color": YELLOW, "linestyle": (0, (4, 1, 1, 1))},
}
MODES = {
    "only": {"color": ORANGE, "linestyle": "-."},
    "tuned": {"color": PURPLE, "linestyle": "--"},
    "mixed": {"color": BLUE, "linestyle": "-"},
}
"""Uses of a share of original data: alone, to fine-tune, mixed with synthetic data."""
OTHERS = (
    {"color": BLUE, "linestyle": (0, (5, 1))},
    {"color": ORANGE, "linestyle": (0, (3, 1, 1, 1, 1, 1))},
)
LABELS = {"zerofilling": "zero-filled", "compressed_sensing": "compr. sensing"}
"""What pictures call a source, where that is not its name."""
VARIANTS = ("-", "--", ":", "-.")
"""Dashes of names such as ``none_image``, which have the colour of ``none``, by what follows it."""


def in_order(sources: Iterable[str]) -> list[str]:
    """Each source once: those that the paper compares from the plainest on, modes, then all others."""
    names = list(dict.fromkeys(sources))
    fixed = (*ORDER, *MODES)
    return [name for name in fixed if name in names] + [n for n in names if n not in fixed]


def source_styles(sources: Iterable[str]) -> dict[str, dict]:
    """Colour and dash by source, as keywords of a line; sources of another name share the rest.

    Where there are variants of a source, the colour tells the source and the dash the variant.
    """
    names = list(dict.fromkeys(sources))
    parts = {name: (name, "", "") if name in KNOWN else name.partition("_") for name in names}
    variants = list(dict.fromkeys(p[2] for p in parts.values() if p[0] in KNOWN))
    others = [name for name in names if parts[name][0] not in KNOWN]
    styles = {name: OTHERS[n % len(OTHERS)] for n, name in enumerate(others)}
    for name in set(names) - set(others):
        source, _, variant = parts[name]
        styles[name] = KNOWN[source]
        if len(variants) > 1:
            dash = VARIANTS[variants.index(variant) % len(VARIANTS)]
            styles[name] = {"color": KNOWN[source]["color"], "linestyle": dash}
    return {name: styles[name] for name in names}
