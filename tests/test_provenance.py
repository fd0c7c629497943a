"""Digests follow the code, not its words."""

from phasegen import provenance


def digest_of(tmp_path, monkeypatch, **modules):
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path)
    provenance._imported_by.cache_clear()
    provenance._read.cache_clear()
    provenance._file.cache_clear()
    return provenance.digest("main")


MAIN = '"""Words."""\nfrom phasegen.part import f\n\ndef g():\n    """More."""\n    return f()\n'


def test_docstrings_comments_and_layout_do_not_count(tmp_path, monkeypatch):
    part = "def f():\n    return 1\n"
    old = digest_of(tmp_path, monkeypatch, main=MAIN, part=part)
    words = MAIN.replace("Words", "Other words") + "\n# a comment\n"
    assert digest_of(tmp_path, monkeypatch, main=words, part=part) == old


def test_code_of_what_is_imported_counts(tmp_path, monkeypatch):
    old = digest_of(tmp_path, monkeypatch, main=MAIN, part="def f():\n    return 1\n")
    new = digest_of(tmp_path, monkeypatch, main=MAIN, part="def f():\n    return 2\n")
    assert new != old


def test_a_step_depends_on_what_it_uses_alone():
    synthesis = provenance._imported_by("steps.synthesize")
    assert {"diffusion.samplers", "nn.unet", "store.shards", "fourier"} <= synthesis
    assert not {"sources.scan", "report.sheets", "mri.scan", "training.fit"} & synthesis


def test_names_are_relative_to_the_run_or_to_the_checkout(tmp_path, monkeypatch):
    inside, outside = tmp_path / "run" / "a" / "b.h5", tmp_path / "c.h5"
    inside.parent.mkdir(parents=True)
    for file in (inside, outside):
        file.write_bytes(b"x")
    monkeypatch.chdir(tmp_path / "run")
    shipped = provenance.PACKAGE.parent / "resources" / "paper_tables.csv"
    found = provenance.recorded([inside, outside, shipped, "a/b.h5"])
    assert list(found) == ["a/b.h5", outside.as_posix(), "resources/paper_tables.csv"]
    assert found["a/b.h5"] == provenance.file_digest(inside)
    for name, file in zip(found, (inside, outside, shipped), strict=True):
        assert provenance.located(name, tmp_path / "run").samefile(file)
    assert provenance.located("gone.h5", tmp_path) == tmp_path / "gone.h5"


def test_a_store_stands_by_its_seal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text("{}")
    assert list(provenance.recorded(["a.zarr"])) == ["a.zarr/zarr.json"]


def test_what_made_a_file_has_its_code_and_versions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("")
    found = provenance.made_by("phasegen.seeds", ["a"])
    assert found["code"] == provenance.digest("seeds")
    assert found["versions"] == provenance.versions() and list(found["made_from"]) == ["a"]
