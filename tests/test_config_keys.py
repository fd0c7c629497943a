"""Every key of the configuration is read by some rule, and where it is handed on, by the library.

Rules are searched for what they read of ``SETTINGS``, also by another name (``MIXES.factor``) and
through methods of the settings (``RECONSTRUCTION.seeds_for``). Of a section that is handed on to
a step by ``model_dump``, every key must be read by name in the library.
"""

import ast
import inspect
import re
import textwrap
from pathlib import Path
from types import FunctionType
from typing import get_args

import pytest
from pydantic import create_model

import phasegen
from phasegen.settings import Settings
from phasegen.settings.base import Strict

PACKAGE = Path(phasegen.__file__).parent
WORKFLOW = PACKAGE.parent / "workflow"
RULES = "\n".join(
    re.sub(r"#.*", "", file.read_text())
    for file in (WORKFLOW / "Snakefile", *sorted((WORKFLOW / "rules").glob("*.smk")))
    # The record of a run writes every key down, which is no use of it.
    if file.name != "record.smk"
)
STEP = r"(?:\.\w+|\[(?:[^\[\]]|\[[^\[\]]*\])*\])"
DUMP = re.compile(r'\([^()]*?(?:exclude=\{(?P<left_out>[^}]*)\})?[^()]*\)(?:\["(?P<one>\w+)"\])?')


def model_in(annotation):
    """Section that a field holds, alone or in a list or mapping, if it does."""
    if inspect.isclass(annotation) and issubclass(annotation, Strict):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


def leaves(section, start=()):
    """Path of every key below a section that is no section itself."""
    for name, field in section.model_fields.items():
        inner = model_in(field.annotation)
        yield from leaves(inner, (*start, name)) if inner else [(*start, name)]


def section_at(root, path):
    for name in path:
        root = model_in(root.model_fields[name].annotation)
    return root


def aliases(text, first="SETTINGS"):
    """Names that sections go by, each with its path: assigned, or a function's first argument."""
    found = [(first, ())]
    functions = dict(re.findall(r"def (\w+)\((\w+)", text))
    # What is given, and the name that it is given to.
    given = re.findall(r"^ *(\w+) = (\w+)((?:\.\w+)*)$", text, re.MULTILINE)
    given += [
        (functions[call], base, steps)
        for call, base, steps in re.findall(r"\b(\w+)\((\w+)((?:\.\w+)*)[,)]", text)
        if call in functions
    ]
    for _ in range(3):
        for name, base, steps in given:
            known = [path for other, path in found if other == base]
            found += [(name, (*path, *steps.split(".")[1:])) for path in known]
        found = list(dict.fromkeys(found))
    return found


def chains(text, first):
    """Attributes, one after another, that are read below some name, and the text behind them."""
    for name, start in aliases(text, first):
        for match in re.finditer(rf"(?<![\w.]){name}(?P<steps>{STEP}+)", text):
            steps = re.findall(r"\.(\w+)", re.sub(r"\[.*?\](?=[.\[]|$)", "", match["steps"]))
            yield (*start, *steps), text[match.end() :]


def reads(root, text):
    """Keys that rules read themselves, and keys that they hand on."""
    read, handed = set(), set()
    for steps, behind in chains(text, "SETTINGS"):
        follow(root, (), steps, behind, read, handed)
    return read, handed


def follow(root, path, steps, rest, read, handed):
    """Add what ``steps``, attributes one after another, read below ``path``."""
    section = section_at(root, path)
    if not steps:
        return
    name, *more = steps
    if name == "model_dump":
        dump = DUMP.match(rest)
        left_out = re.findall(r"\w+", dump["left_out"] or "")
        chosen = [dump["one"]] if dump["one"] else set(section.model_fields) - set(left_out)
        handed.update(leaf for key in chosen for leaf in below(root, (*path, key)))
    elif name in section.model_fields:
        inner = model_in(section.model_fields[name].annotation)
        if inner is None:
            read.add((*path, name))
        elif more and (more[0] in inner.model_fields or hasattr(inner, more[0])):
            follow(root, (*path, name), more, rest, read, handed)
        elif inner is not section.model_fields[name].annotation:
            # All of a list or mapping, to go through.
            handed.update(below(root, (*path, name)))
    elif isinstance(member := inspect.getattr_static(section, name, None), property | FunctionType):
        source = textwrap.dedent(inspect.getsource(getattr(member, "fget", member)))
        for chain, behind in chains(source, "self"):
            follow(root, path, chain, behind, read, handed)


def below(root, path):
    field = section_at(root, path[:-1]).model_fields[path[-1]]
    inner = model_in(field.annotation)
    return list(leaves(inner, path)) if inner else [path]


def names_read(folder):
    """Attributes, keys and arguments that the library reads by name; validators do not count."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(without_validators(ast.parse(path.read_text()))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.add(node.slice.value)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
    return found


def without_validators(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.body = [part for part in node.body if "validator" not in decorators(part)]
    return tree


def decorators(node):
    return " ".join(ast.unparse(part) for part in getattr(node, "decorator_list", []))


NAMES = names_read(PACKAGE)


def unread(root, text=RULES):
    """Keys that nothing reads."""
    read, handed = reads(root, text)
    used = read | {path for path in handed if path[-1] in NAMES}
    return {".".join(path) for path in leaves(root) if path not in used}


def test_every_key_is_read():
    assert unread(Settings) == set()


def test_there_are_as_many_keys_as_one_thinks():
    assert len(list(leaves(Settings))) > 100


@pytest.mark.parametrize("section", ["", "quality", "ingest", "simulation", "export"])
def test_a_key_that_nothing_reads_is_found(section):
    own = section_at(Settings, [section] if section else [])
    wider = create_model("Wider", __base__=own, never_read=(int, 1))
    whole = create_model("Whole", __base__=Settings, **{section: (wider, wider())})
    root = whole if section else wider
    assert unread(root) == {f"{section}.never_read".strip(".")}


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("SETTINGS.export.formats", {"export.formats"}),
        ("SETTINGS.quality.longest", {"quality.longest"}),
        ("QUALITY.margin", {"quality.margin"}),
        (
            "SETTINGS.raters[wildcards.rater].model_dump",
            {f"raters.{key}" for key in ("command", "environment", "stacks", "seconds")},
        ),
    ],
)
def test_a_rule_that_reads_no_more_is_found(line, keys):
    assert line in RULES
    assert unread(Settings, RULES.replace(line, "NOTHING")) == keys
