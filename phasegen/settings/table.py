"""Tables with a header: tab-separated, one checked row a line."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from phasegen.settings.base import ConfigError, Strict, one_line_each

Row = TypeVar("Row", bound=Strict)


def read_table(
    path: str | Path, model: type[Row], title: str, key: str, identity: Callable[[Row], str]
) -> list[Row]:
    """Rows of a tab-separated table; ``#`` starts a comment line.

    Args:
        title: what a message calls the table.
        key: the config key that names it.
        identity: what no two rows may share.

    Raises:
        ConfigError: a missing file, an unknown column, faulty rows, an identity used twice; one
            line for each fault.
    """
    place = f"{title} {path}"
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise ConfigError(f"{place}: {error.strerror} (config key {key!r})") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows: dict[str, Row] = {}
    faults = []
    for cells in csv.DictReader(lines, delimiter="\t", restkey="(extra column)", restval=""):
        try:
            row = model.model_validate({name: value for name, value in cells.items() if value})
        except ValidationError as error:
            faults.append(one_line_each(f"{place}, row {cells.get('name')!r}", error))
            continue
        if identity(row) in rows:
            faults.append(f"{place}: {identity(row)!r} stands twice")
        rows[identity(row)] = row
    if not rows and not faults:
        faults.append(f"{place} has no rows")
    if faults:
        raise ConfigError("\n".join(faults))
    return list(rows.values())
