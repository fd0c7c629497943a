"""The table of public data sets: where their files are and how to know them."""

import re
from itertools import groupby
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from phasegen.settings.base import Name, Strict
from phasegen.settings.cohort import ReaderName
from phasegen.settings.table import read_table

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
"""Ends of the names of files that are unpacked."""

SHIPPED = "resources/datasets.tsv"
HTTP = r"https?://[^\s/]+/\S*"
# No part is empty or begins with a dot, so none leads out of the folder or is hidden.
PART = r"[^\\/\x00-\x1f.][^\\/\x00-\x1f]*"


class Datasets(Strict):
    """Public data sets, fetched when a cohort lies in their folder."""

    folder: str = Field("data", description="where the files go, one folder for each data set")
    registry: str = Field(SHIPPED, description="table of data sets")

    @property
    def table(self) -> Path:
        """File of the registry; the shipped one is found wherever a run takes place."""
        shipped = self.registry == SHIPPED
        return Path(__file__).parents[2] / SHIPPED if shipped else Path(self.registry)

    def mark(self, name: str) -> str:
        """File that is written once all of a data set is there, beside its folder."""
        return f"{self.folder}/{name}.retrieved.json"


class DataFile(Strict):
    """One row of the registry: a file or archive of a data set."""

    name: Name
    version: str = ""
    file: Annotated[str, Field(pattern=rf"^({PART}(/{PART})*)?$")] = ""
    url: Annotated[str, Field(pattern=rf"^({HTTP}|by agreement|by hand)$")]
    archive_url: Annotated[str, Field(pattern=rf"^({HTTP})?$")] = ""
    licence: str = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    md5: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""
    reader: ReaderName | None = None
    citation: str = ""
    page: Annotated[str, Field(pattern=rf"^({HTTP})?$")] = ""
    status: Annotated[str, Field(pattern=r"^(unverified|verified \d{4}-\d\d-\d\d)$")] = "unverified"
    notes: str = ""

    @model_validator(mode="after")
    def _complete(self) -> "DataFile":
        if self.by_hand and (not self.page or self.archive_url):
            raise ValueError(f"{self.url}: needs 'page', where to get it, and no 'archive_url'")
        if not self.file and (not self.by_hand or self.sha256 or self.md5):
            raise ValueError("needs 'file', the name that it gets")
        return self

    @property
    def by_hand(self) -> bool:
        """Whether a user has to put the file into its place."""
        return not re.match(HTTP, self.url)

    @property
    def content(self) -> str:
        """Where the data end up, below the folder of the data set: a file, or a folder."""
        suffixes = [suffix for suffix in ARCHIVES if self.file.lower().endswith(suffix)]
        return self.file[: -max(map(len, suffixes))] if suffixes else self.file

    @property
    def is_archive(self) -> bool:
        """Whether the file is unpacked."""
        return self.content != self.file


def read_datasets(path: str | Path) -> dict[str, list[DataFile]]:
    """Files of each data set from a table like `resources/datasets.tsv`.

    Raises:
        ConfigError: a missing file, an unknown column, faulty rows, one place for two files.
    """
    rows = read_table(
        path, DataFile, "data sets", "datasets.registry", lambda row: f"{row.name}/{row.content}"
    )
    rows.sort(key=lambda row: row.name)
    return {name: list(files) for name, files in groupby(rows, lambda row: row.name)}
