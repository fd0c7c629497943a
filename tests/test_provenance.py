"""Digests follow the code, not its words."""

from phasegen import provenance


def digest_of(tmp_path, monkeypatch, **modules):
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path)
    provenance._imported_by.cache_clear()
    provenance._code.cache_clear()
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
