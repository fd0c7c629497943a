"""A chain reads from the table down, and says loudly what is wrong."""

from phasegen.record.chain import Link
from phasegen.record.chain_text import chain_lines
from phasegen.record.facts import Facts

SHA = "ab" * 32


def link(name, kind="file", made_from=None, **more):
    return Link(name, SHA, Facts(kind, more.pop("told", {}), made_from), **more)


def test_what_lies_behind_is_indented():
    raw = link("raw.h5")
    store = link("a.zarr/zarr.json", "seal", {}, told={"source": "naive"}, raw=[raw])
    weights = link("model.safetensors", "weights", {}, parts=[store])
    lines = chain_lines([weights])
    assert lines == [
        "  weights model.safetensors  sha256 abababababab",
        "    sealed store a.zarr/zarr.json  sha256 abababababab",
        "      source naive",
        "      read from 1 files",
        "        raw.h5  sha256 abababababab",
    ]


def test_a_file_met_again_is_not_told_again():
    store = link("a.zarr/zarr.json", "seal", {}, told={"source": "naive"})
    lines = chain_lines([link("one", parts=[store]), link("two", parts=[store])])
    assert sum("source naive" in line for line in lines) == 1
    assert lines[-1].endswith("(see above)")


def test_faults_are_loud_and_of_raw_files_never_left_out():
    raw = [link(f"{number}.h5") for number in range(9)]
    raw[8].faults.append("is gone")
    store = link("a.zarr/zarr.json", "seal", {}, faults=["has changed"], raw=raw)
    lines = "\n".join(chain_lines([store]))
    assert "!! HAS CHANGED" in lines and "8.h5" in lines and "!! IS GONE" in lines
    assert "and 5 more" in lines
    assert all(f"{number}.h5" in "\n".join(chain_lines([store], True)) for number in range(9))


def test_what_says_nothing_of_its_origin_is_named():
    assert "not recorded" in chain_lines([link("model.safetensors", "weights")])[1]
