"""A source has one colour, whatever others are drawn beside it."""

from phasegen.report.palette import KNOWN, MODES, ORDER, in_order, source_styles


def test_a_source_looks_the_same_in_every_company():
    for name in KNOWN:
        assert source_styles([name])[name] == source_styles(["other", *KNOWN, "real"])[name]


def test_sources_are_told_apart_by_colour_and_by_dash():
    styles = source_styles([*ORDER, "other", "another"]).values()
    for key in ("color", "linestyle"):
        assert len({style[key] for style in styles}) == len(styles)


def test_real_phase_is_black_by_both_its_names():
    styles = source_styles(["real", "original"])
    assert styles["real"] == styles["original"]


def test_order_is_the_papers_with_others_at_the_end():
    assert in_order(["other", "phasegen", "none", "none"]) == ["none", "phasegen", "other"]
    assert in_order(ORDER[::-1]) == list(ORDER)


def test_variants_of_a_source_share_its_colour_and_differ_by_dash():
    styles = source_styles(["none", "naive", "none_image", "naive_image"])
    assert styles["none_image"]["color"] == styles["none"]["color"] == KNOWN["none"]["color"]
    assert styles["none_image"]["linestyle"] == styles["naive_image"]["linestyle"] != "-"
    assert styles["none"]["linestyle"] == styles["naive"]["linestyle"] == "-"


def test_an_underscore_in_a_known_name_is_no_variant():
    names = ["none", "compressed_sensing", "naive"]
    assert source_styles(names) == {name: KNOWN[name] for name in names}


def test_uses_of_original_data_differ_from_the_levels_beside_them():
    styles = [*MODES.values(), KNOWN["phasegen"], KNOWN["zerofilling"]]
    assert len({style["color"] for style in styles}) == len(styles)
    assert in_order(["mixed", "other", "tuned", "naive", "only"]) == ["naive", *MODES, "other"]
