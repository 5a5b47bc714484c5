"""Numbers and lists in sentences."""

import math

from engine.words import listed, listed_layers, percent, rough_percent, two_digits


def test_names_are_listed_with_an_and() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listed(name for name in "ab") == "a and b"


def test_many_layers_in_a_row_are_named_by_their_ends() -> None:
    assert listed_layers(f"layers.{i}" for i in range(50)) == "layers.0 to layers.49"
    assert listed_layers(["layers.0", "layers.1"]) == "layers.0 and layers.1"
    assert listed_layers(f"layers.{2 * i}" for i in range(5)).endswith("layers.6 and layers.8")


def test_a_share_reads_0_or_100_only_where_it_is_that() -> None:
    assert [percent(share) for share in (0.0, 1.0, 0.9999, 0.99951, 0.5, -1e-9)] == [
        "0 %",
        "100 %",
        "99.99 %",
        "99.95 %",
        "50.0 %",
        "0 %",
    ]


def test_numbers_to_two_digits_are_short_and_never_powers_of_ten() -> None:
    assert [rough_percent(share) for share in (4.5, 0.12, 3.5e-5, 1e-9, 0.0)] == [
        "450 %",
        "12 %",
        "0.0035 %",
        "less than 0.0001 %",
        "0 %",
    ]
    assert [two_digits(value) for value in (3.54, 16_213, 2e9, math.inf)] == [
        "3.5",
        "16,000",
        "over a million",
        "over a million",
    ]
