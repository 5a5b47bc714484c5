"""Drawings: what the network receives, fetched samples, and drawings that are refused."""

import base64

import numpy as np
import pytest

from engine.data import Scaler
from engine.errors import NntermError
from engine.inspection.messages import UnfitError
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.draw import DrawOptions, draw
from tests.engine.inspection.snapshots import identity, make_data, snapshot_of

SHAPE = (1, 6, 5)


def halves(*, light: float = 0.0, ink: float = 200.0, channels: int = 1) -> NetworkSnapshot:
    """Return pictures of 6 x 5 with ink in the upper or lower half, and a network that predicts the brighter half."""
    pictures = np.full((8, channels, 6, 5), light, np.float32)
    for i in range(8):
        half = slice(1, 3) if i % 2 == 0 else slice(3, 5)
        pictures[i, :, half, 1:4] = ink - i
    scaler = Scaler("unit", np.zeros(()), np.full((), 1 / 255))
    data = make_data(
        pictures / 255, np.arange(8) % 2, names=("top", "bottom"), kind="images",
        shape=(channels, 6, 5), scaler=scaler,
    )  # fmt: skip
    network = identity(data)
    top = np.zeros((channels, 6, 5))
    top[:, :3] = 1
    sign = 1 if ink > light else -1
    network.last.weight[...] = sign * np.stack([top.ravel(), 1 - top.ravel()])
    return snapshot_of(data, network)


def drawn(pad: np.ndarray) -> str:
    return base64.b64encode(pad.astype(np.uint8).tobytes()).decode()


def pixels_of(raster: object) -> np.ndarray:
    return np.frombuffer(raster.data, np.uint8).reshape(6, 5)  # type: ignore[attr-defined]


def test_a_drawing_is_classified_as_it_is() -> None:
    pad = np.zeros((6, 5))
    pad[4, 2] = 255
    answer = draw(halves(), DrawOptions(pixels=drawn(pad), centre=False))
    assert (answer.predicted, answer.is_empty, answer.centred) == (1, False, False)
    np.testing.assert_array_equal(pixels_of(answer.seen), pad)
    e = np.exp(1.0)
    assert [one.share for one in answer.shares] == pytest.approx([1 / (1 + e), e / (1 + e)], rel=1e-5)
    assert answer.words == 'Prediction: "bottom" 73.1 %, then "top" 26.9 %.'


def test_centring_moves_it_to_the_middle() -> None:
    pad = np.zeros((6, 5))
    pad[5, 4] = 255
    answer = draw(halves(), DrawOptions(pixels=drawn(pad)))
    expected = np.zeros((6, 5))
    expected[2:6, 1:5] = (
        255  # a dot fills the box of 4 × 4 pixels, then its centre of mass moves to row 3, column 2.5
    )
    np.testing.assert_array_equal(pixels_of(answer.seen), expected)
    np.testing.assert_array_equal(pixels_of(answer.pad), pad)


def test_an_empty_pad_has_no_class() -> None:
    answer = draw(halves(), DrawOptions())
    assert (answer.predicted, answer.is_empty, answer.words) == (-1, True, "Nothing drawn yet.")


def test_samples_of_a_class_come_in_turn() -> None:
    snapshot = halves()
    answers = [draw(snapshot, DrawOptions(fetch=1, nth=nth, centre=False)) for nth in (0, 1, 4)]
    assert [(one.sample, one.truth, one.predicted) for one in answers] == [(1, 1, 1), (3, 1, 1), (1, 1, 1)]
    assert pixels_of(answers[1].pad)[3, 2] == 197


def test_where_ink_is_dark_the_network_gets_dark_ink() -> None:
    snapshot = halves(light=255.0, ink=20.0)
    answer = draw(snapshot, DrawOptions(fetch=0, centre=False))
    assert pixels_of(answer.pad)[0, 0] == 0  # no ink, as in any other data
    assert pixels_of(answer.pad)[1, 2] == 235
    assert answer.predicted == 0


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (halves(channels=3), "these images have 3"),
        (snapshot_of(make_data([[1.0, 0.0]], [0], names=("a", "b"))), "rows of 2 features"),
        (snapshot_of(make_data([[1.0]], [[0.5]])), "predicts values, not classes"),
    ],
)
def test_data_that_cannot_be_drawn_have_a_reason(snapshot: NetworkSnapshot, why: str) -> None:
    with pytest.raises(UnfitError, match=why):
        draw(snapshot, DrawOptions())


def test_outputs_that_are_not_finite_are_reported() -> None:
    snapshot = halves()
    snapshot.network.last.weight[...] = np.nan
    answer = draw(snapshot, DrawOptions(fetch=0))
    assert (answer.predicted, answer.words) == (-1, "The output for this drawing is not finite (NaN or Inf).")


@pytest.mark.parametrize(("options", "why"), [
    (DrawOptions(pixels="AAAA"), "6 × 5 = 30 bytes, not 3"),
    (DrawOptions(pixels="?"), "bytes in base64"),
    (DrawOptions(fetch=2), "there is no class 2"),
])  # fmt: skip
def test_wrong_drawings_are_named(options: DrawOptions, why: str) -> None:
    with pytest.raises(NntermError, match=why):
        draw(halves(), options)
