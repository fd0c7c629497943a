"""``phasegen export``: a store in a format that other programs read."""

import argparse
from pathlib import Path
from typing import get_args

from phasegen.cli.commands import Commands
from phasegen.errors import UserError
from phasegen.settings import ExportFormat


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "export",
        help="write a store as fastMRI HDF5, ISMRMRD, BART or BIDS",
        description="Write the volumes of a store in another format. A run that was cut short "
        "goes on if called again; export.json, written last, lists every file.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("store", help="a sealed store, .zarr, or its URL s3://…")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of its own to fill")
    parser.add_argument("--to", choices=get_args(ExportFormat), required=True, help="format")
    parser.add_argument(
        "--split", type=Path, help="table with columns cohort, subject, part, as training writes it"
    )
    parser.add_argument("--part", default="", help="of the split, such as train")
    parser.add_argument("--subjects", nargs="+", default=[], help="default: all")
    parser.add_argument(
        "--workers", type=int, default=1, help="blocks read at a time, default: %(default)s"
    )
    parser.add_argument(
        "--replace", action="store_true", help="delete an earlier export of something else"
    )


def run(options: argparse.Namespace) -> None:
    from phasegen.steps.export import export

    if bool(options.split) != bool(options.part):
        raise UserError("--split and --part go together")
    if options.workers < 1:
        raise UserError("--workers must be 1 or more")
    export(
        options.store,
        options.out,
        options.to,
        options.split,
        options.part,
        options.subjects,
        options.workers,
        options.replace,
    )
    print(f"{options.out}: exported as {options.to}, all files listed in export.json")
