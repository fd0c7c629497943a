"""A chain as text, for people: a line for each file, indented by how far it lies behind."""

from collections.abc import Iterator

from phasegen.record.chain import Link
from phasegen.record.facts import KINDS

STEP = "  "
DIGITS = 12
LISTED = 3
UNKNOWN = "(what it was made from is not recorded in it)"


def chain_lines(links: list[Link], all_files: bool = False) -> list[str]:
    """Lines of some links and of what lies behind them; of a file met again only the first.

    Args:
        all_files: list all raw files of a store, not only a few.
    """
    seen: set[int] = set()
    return [line for link in links for line in _lines(link, 1, seen, all_files)]


def _lines(link: Link, depth: int, seen: set[int], all_files: bool) -> Iterator[str]:
    margin = STEP * depth
    again = " (see above)" if id(link) in seen else ""
    yield f"{margin}{KINDS[link.facts.kind]} {link.name}  sha256 {link.sha256[:DIGITS]}{again}"
    if again:
        return
    seen.add(id(link))
    margin += STEP
    yield from (f"{margin}!! {fault.upper()}" for fault in link.faults)
    if link.facts.told:
        yield margin + ", ".join(f"{name} {value}" for name, value in link.facts.told.items())
    if link.facts.made_from is None and link.facts.kind != "file":
        yield margin + UNKNOWN
    for part in link.parts:
        yield from _lines(part, depth + 1, seen, all_files)
    yield from _raw_lines(link, depth + 1, all_files)


def _raw_lines(link: Link, depth: int, all_files: bool) -> Iterator[str]:
    if not link.raw:
        return
    margin = STEP * depth
    yield f"{margin}read from {len(link.raw)} files"
    sound = [file for file in link.raw if not file.faults]
    shown = sound if all_files else sound[:LISTED]
    for file in [*(file for file in link.raw if file.faults), *shown]:
        yield f"{margin}{STEP}{file.name}  sha256 {file.sha256[:DIGITS]}"
        yield from (f"{margin}{STEP}{STEP}!! {fault.upper()}" for fault in file.faults)
    if more := len(sound) - len(shown):
        yield f"{margin}{STEP}and {more} more, as recorded (--all lists them)"
