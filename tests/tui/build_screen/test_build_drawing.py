"""The drawing of a network: true numbers, and nothing beyond its frame."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.charts.network_map import HIDDEN, INPUT, OUTPUT, NetworkColumn, draw_network, sizes

MNIST = (
    NetworkColumn(784, "28×28", INPUT),
    NetworkColumn(128, "relu", HIDDEN),
    NetworkColumn(10, "softmax", OUTPUT, tuple("0123456789")),
)


def drawn(columns: tuple[NetworkColumn, ...], width: int, height: int) -> list[str]:
    return [line.plain for line in draw_network(columns, width, height)]


def test_small_layers_show_every_unit() -> None:
    text = "\n".join(
        drawn((NetworkColumn(2, "input"), NetworkColumn(4, "tanh"), NetworkColumn(1, "sigmoid")), 40, 12)
    )
    assert text.count("●") == 7
    assert "⋮" not in text


def test_big_layers_show_a_gap_and_the_true_number() -> None:
    lines = drawn(MNIST, 60, 20)
    assert [line.count("⋮") for line in lines if "⋮" in line] == [2]
    assert lines[-2].split() == ["784", "128", "10"]
    assert lines[-1].split() == ["28×28", "relu", "softmax"]


def test_the_outputs_carry_their_names() -> None:
    lines = drawn(MNIST, 60, 20)
    assert [line.split("● ")[-1].strip() for line in lines if "● " in line] == list("0123456789")


def test_a_deep_network_shows_how_many_layers_are_left_out() -> None:
    deep = (NetworkColumn(2, "input"), *[NetworkColumn(8, "relu")] * 30, NetworkColumn(3, "softmax"))
    lines = drawn(deep, 60, 16)
    left_out = int(next(word for word in lines[-2].split() if word.startswith("+")))
    assert len(lines[-2].split()) - 1 + left_out == len(deep)


@pytest.mark.parametrize(("width", "height"), [(10, 20), (60, 3)])
def test_without_room_there_are_words(width: int, height: int) -> None:
    assert drawn(MNIST, width, height) == [sizes(MNIST)]


columns = st.lists(
    st.builds(NetworkColumn, st.integers(1, 5000), st.sampled_from(["relu", "leaky_relu"])),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(columns=columns, width=st.integers(1, 100), height=st.integers(1, 40))
def test_any_network_stays_in_its_frame(columns: list[NetworkColumn], width: int, height: int) -> None:
    lines = draw_network(tuple(columns), width, height)
    assert len(lines) == height or len(lines) == 1
    assert len(lines) == 1 or all(line.cell_length == width for line in lines)
