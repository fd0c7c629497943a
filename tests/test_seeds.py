"""Random streams belong to names."""

from phasegen.seeds import generator, integer


def test_same_name_same_stream():
    assert generator(1, "noise", "a", 3).random() == generator(1, "noise", "a", 3).random()


def test_every_part_of_the_name_counts():
    names = [(1, "ab", "c"), (1, "a", "bc"), (1, "a", "b", "c"), (2, "ab", "c"), (1, "ab", "d")]
    assert len({generator(*name).random() for name in names}) == len(names)


def test_stream_is_the_same_on_every_machine_and_version():
    assert integer(2025, "weights") == 6_815_779_033_671_395_639
