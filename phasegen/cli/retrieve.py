"""``phasegen retrieve``: a public data set onto this machine."""

import argparse

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.settings import DataFile, Datasets, read_datasets


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "retrieve",
        help="download a public data set, or list those that are known",
        description="Download a data set of the registry, check and unpack it. What is there "
        "already is only checked; a call that was cut short goes on if called again.",
    )
    default = Datasets()
    parser.set_defaults(run=run)
    parser.add_argument("name", nargs="?", help="data set, as --list names it")
    parser.add_argument("--list", action="store_true", help="show the data sets")
    parser.add_argument("--folder", default=default.folder, help="default: %(default)s")
    parser.add_argument(
        "--registry", default=default.registry, help="table of data sets, default: the shipped one"
    )


def run(options: argparse.Namespace) -> None:
    datasets = Datasets(folder=options.folder, registry=options.registry)
    registry = read_datasets(datasets.table)
    if options.list:
        print(as_table(registry))
        return
    if options.name not in registry:
        raise UserError(
            f"there is no data set {options.name!r}, only {', '.join(registry)}"
            if options.name
            else "which data set? 'phasegen retrieve --list' shows them"
        )
    from phasegen.steps.retrieve import retrieve

    found = retrieve(registry[options.name], datasets)
    print(f"{options.folder}/{options.name}: {len(found)} files, {sum(found.values())} bytes")


def as_table(registry: dict[str, list[DataFile]]) -> str:
    """Data sets, one a line, below a header."""
    rows = [("name", "version", "how", "files", "reader", "licence", "page")]
    for name, files in registry.items():
        first = files[0]
        how = first.url if first.by_hand else "download"
        facts = (str(len(files)), first.reader or "-", first.licence or "see page", first.page)
        rows.append((name, first.version or "-", how, *facts))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)
