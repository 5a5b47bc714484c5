"""`nnterm inspect`: text, JSON lines, checkpoints and bad input."""

from pathlib import Path

import msgspec
import pytest

from engine.errors import NntermError
from engine.inspection.messages import Failure, Reply
from engine.inspection.registry import VIEWS
from tests.engine.inspection.trained import train
from tests.toys.registering import register_view
from tests.tui.cli.conftest import Nnterm
from tests.tui.sentences import MOST_ACTIVATING, PREDICTIONS_CHANGE
from tui.inspect.client import decode
from tui.inspect.registry import find_entry


@pytest.fixture
def moons(home: Path) -> str:
    """Return the name of a small trained run."""
    return train(home, "moons", [4], "moons", epochs=3, batch_size=50, overrides=["data.samples=300"]).name


def test_text_of_all_views(moons: str, nnterm: Nnterm) -> None:
    done = nnterm("inspect", moons, "--all")
    assert (done.code, done.err) == (0, "")
    for words in (
        "moons: epoch 3, step 15",
        "95 % interval",
        "no hidden layer (test)",
        "logistic regression",
        "true classes down, predicted classes across",
        "most confused",
        "samples are wrong",
        "layers.0.weight",
        "x₁ →",
        "fit: Fit is for regression",
        "gradient of weights",
        "idle units",
        "most activating test samples",
    ):
        assert words in done.out
    assert "▀" not in done.out  # a pipe gets characters


def test_json_is_a_line_a_view(moons: str, nnterm: Nnterm) -> None:
    head, *answers = nnterm("inspect", moons, "--all", "--json").lines
    assert (head["type"], head["run"], head["moment"]["step"]) == ("inspected", "moons", 15)
    assert [line.get("view", line["type"]) for line in answers] == list(VIEWS)
    assert {line["view"] for line in answers if line["type"] == "unseen"} == {"fit", "draw"}
    overview, confusion = answers[0], answers[1]
    assert sum(map(sum, confusion["matrix"])) == overview["splits"][-1]["samples"] == 60
    right = confusion["matrix"][0][0] + confusion["matrix"][1][1]
    assert right == overview["splits"][-1]["right"]
    assert overview["baseline"]["accuracy"] > 0.7


def test_the_overview_alone_unless_more_is_requested(moons: str, nnterm: Nnterm) -> None:
    lines = nnterm("inspect", moons, "--confusion", "--no-baseline", "--json").lines
    assert [line["type"] for line in lines] == ["inspected", "overview", "confusion"]
    assert lines[1]["baseline"] is None


@pytest.mark.parametrize(("at", "step"), [("0", 0), ("5", 5), ("last", 15), ("best", None)])
def test_any_kept_moment(moons: str, nnterm: Nnterm, at: str, step: int | None) -> None:
    moment = nnterm("inspect", moons, "--checkpoint", at, "--no-baseline", "--json").lines[0]["moment"]
    assert moment["is_best"] if step is None else moment["step"] == step


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--checkpoint", "70"), "has no weights at step 70"),
        (("--checkpoint", "worst"), '--checkpoint = "worst" is neither a step nor best, last or newest'),
        (("--checkpoint", "-1"), "neither a step"),
        (("--split", "exam"), "--split"),
        (("--colour",), "--colour"),
    ],
)
def test_bad_input_is_a_line_and_exit_2(
    moons: str, nnterm: Nnterm, arguments: tuple[str, ...], words: str
) -> None:
    done = nnterm("inspect", moons, *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.startswith("error: ")


def test_a_unit_with_other_weights(moons: str, nnterm: Nnterm) -> None:
    done = nnterm("inspect", moons, "--no-baseline", "--unit", "2", "--weight", "1=9", "--weight", "bias=0")
    assert (done.code, done.err) == (0, "")
    for words in (
        "layers.0, unit 2 of 4",
        MOST_ACTIVATING,
        "x₂",
        PREDICTIONS_CHANGE,
        "Edits apply to a copy",
    ):
        assert words in done.out
    silenced = nnterm("inspect", moons, "--no-baseline", "--unit", "2", "--silence", "--json").lines[-1]
    assert (silenced["type"], silenced["silenced"], silenced["weights"]) == ("units", True, [0, 0])
    assert silenced["effect"]["samples"] == 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--weight", "2=1"), "unit 0 has no weight 2"),
        (("--weight", "bias=much"), '--weight "bias=much" does not set a weight to a number'),
        (("--weight", "1=nan"), "does not set a weight"),
        (("--unit", "4"), "no unit in layers.0 with number 4"),
        (("--layer", "2"), "no layer with units with number 2"),
    ],
)
def test_a_unit_or_weight_that_is_not_there(
    moons: str, nnterm: Nnterm, arguments: tuple[str, ...], words: str
) -> None:
    done = nnterm("inspect", moons, "--no-baseline", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_run_that_is_not_there(home: Path, nnterm: Nnterm) -> None:
    done = nnterm("inspect", "nobody")
    assert done.code == 2
    assert 'there is no run "nobody"' in done.err


def test_curves_and_fits_of_a_regression(home: Path, nnterm: Nnterm) -> None:
    train(home, "sine", [4], "sine", epochs=2, overrides=["data.samples=200"])
    done = nnterm("inspect", "sine", "--boundary", "--fit", "--split", "train")
    assert done.code == 0
    for words in ("linear regression", "prediction", "MAE", "largest residuals", "train, 144 samples"):
        assert words in done.out


def test_a_new_view_without_a_text_of_its_own_is_printed_as_json(
    moons: str, nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_view(monkeypatch)
    shown = nnterm("inspect", moons, "--all", "--no-baseline")
    assert (shown.code, shown.out.splitlines()[-1]) == (0, '{"type":"size","parameters":17}')
    assert nnterm("inspect", moons, "--all", "--no-baseline", "--json").lines[-1]["parameters"] == 17


def test_a_reply_of_an_unknown_view_is_a_failure_in_words() -> None:
    line = msgspec.json.encode(Reply(1, "from_the_future", answer=msgspec.Raw(b"{}")))
    heard = decode(line)
    assert heard is not None
    assert isinstance(heard.message, Failure)
    assert heard.message.message == '"from_the_future" is not a view'


def test_a_view_without_an_entry_is_named() -> None:
    with pytest.raises(NntermError, match='no view "from_the_future"') as raised:
        find_entry("from_the_future")
    assert "known: activations" in raised.value.hint
