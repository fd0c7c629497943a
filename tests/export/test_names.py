"""Names that are safe whatever people call things."""

from pathlib import PurePosixPath

from hypothesis import example, given
from hypothesis import strategies as st

from phasegen.export.names import LONGEST, file_name, label, unique


@given(st.text())
@example("../../x")
@example("..")
@example("/etc/passwd")
@example(".hidden")
@example("a\x00b\n")
@example("x" * 1000)
def test_a_name_is_one_visible_part_of_a_path(text):
    name = file_name(text)
    assert PurePosixPath(name).parts == (name,)
    assert name not in ("", ".", "..") and not name.startswith((".", "-"))
    assert name.isascii() and len(name) <= LONGEST
    assert not set(name) & set("/\\:\0\n ")
    assert label(text) == "" or (label(text).isascii() and label(text).isalnum())


@given(st.lists(st.sampled_from(["a", "A", "b", "", "c"])))
def test_no_two_are_the_same(names):
    found = unique(names, range(len(names)))
    assert len({name.lower() for name in found}) == len(names)
    assert "" not in found


def test_what_is_alone_keeps_its_name():
    assert unique(["a", "b", "B"], [1, 2, 3])[0] == "a"


def test_a_digest_does_not_depend_on_the_order():
    one = dict(zip([1, 2], unique(["a", "a"], [1, 2]), strict=True))
    two = dict(zip([2, 1], unique(["a", "a"], [2, 1]), strict=True))
    assert one == two
