"""Drafts: every edit gives a draft that can be shown, and numbers step along their ladders."""

import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ExperimentError
from engine.experiment.experiment import Experiment, problems
from engine.experiment.overrides import value_at
from engine.experiment.presets import PRESETS
from tests.tui.sentences import MUST_BE_A_NUMBER
from tui.draft import tables, views
from tui.draft.assess import assess
from tui.draft.field import Field
from tui.draft.fields import FieldReader
from tui.draft.files import open_draft, save_draft
from tui.draft.history import DraftHistory
from tui.draft.presets import starting_points_for
from tui.draft.steps import LADDERS, stepped
from tui.draft.tables import Draft


def draft_of(name: str) -> Draft:
    return tables.complete(next(preset.raw for preset in PRESETS if preset.name == name))


def fields_of(draft: Draft, layer: int = 0) -> list[Field]:
    reader = FieldReader(draft, assess(draft))
    rows = [field for i in range(len(tables.layers_of(draft))) for field in reader.layer(i)]
    return [*rows, *reader.learning(layer), *reader.training()]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_draft_trains_what_its_preset_trains(preset) -> None:
    draft = tables.complete(preset.raw)
    assert Experiment.from_raw(draft) == preset.experiment()
    assert assess(draft).ready


def test_a_draft_keeps_auto_and_shows_its_value() -> None:
    fields = {field.key: field for field in fields_of(draft_of("mnist-mlp"))}
    init, loss = fields["network.layers[0].init"], fields["network.loss"]
    assert (init.is_auto, init.shown) == (True, "he_normal")
    assert (loss.is_auto, loss.shown) == (True, "cross_entropy")
    assert not fields["network.layers[0].activation"].is_auto


def test_only_the_chosen_things_options_are_fields() -> None:
    keys = {field.key for field in fields_of(draft_of("mnist-mlp"))}
    assert "training.optimizer.momentum" in keys
    adam = tables.with_name(draft_of("mnist-mlp"), "training.optimizer", "adam")
    keys = {field.key for field in fields_of(adam)}
    assert "training.optimizer.momentum" not in keys
    assert {"training.optimizer.beta1", "training.optimizer.weight_decay"} <= keys


def test_another_optimizer_comes_with_its_own_learning_rate() -> None:
    adam = tables.with_name(draft_of("mnist-mlp"), "training.optimizer", "adam")
    assert adam["training"]["optimizer"]["lr"] == 0.001


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("training.optimizer.lr", ".05", 0.05),
        ("training.optimizer.lr", "1e-3", 1e-3),
        ("training.batch_size", "all", 0),
        ("training.patience", "off", 0),
        ("training.epochs", " 12 ", 12),
        ("data.noise", "auto", "auto"),
        ("name", "true", "true"),
        ("network.layers[2].units", "auto", 0),
    ],
)
def test_what_is_typed_becomes_a_value(key: str, text: str, value: object) -> None:
    assert value_at(tables.with_text(draft_of("mnist-mlp"), key, text), key) == value


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("training.optimizer.lr", "fast", MUST_BE_A_NUMBER),
        ("training.optimizer.lr", "-1", MUST_BE_A_NUMBER),
        ("training.optimizer.lr", "nan", "finite"),
        ("training.epochs", "0", "must be a whole number"),
        ("training.batch_size", "", "must be a whole number"),
        ("data.validation", "1", MUST_BE_A_NUMBER),
        ("network.layers[0].units", "9" * 30, "too large"),
    ],
)
def test_what_is_no_value_is_refused_with_the_reason(key: str, text: str, words: str) -> None:
    with pytest.raises(ExperimentError, match=words):
        tables.with_text(draft_of("mnist-mlp"), key, text)


def test_a_senseless_draft_can_be_shown_and_names_its_field() -> None:
    draft = tables.with_value(draft_of("mnist-mlp"), "network.layers[2].units", 4)
    assessment = assess(draft)
    assert not assessment.ready
    assert [field.key for field in fields_of(draft) if field.is_wrong] == ["network.layers[2].units"]
    assert assessment.summary is not None
    assert views.readiness_of(assessment).can_fix


def test_a_draft_with_unknown_data_can_be_shown() -> None:
    draft = tables.with_value(draft_of("mnist-mlp"), "data.dataset", "minst")
    assessment = assess(draft)
    assert [problem.key for problem in assessment.problems] == ["data.dataset"]
    assert views.columns_of(assessment) == ()
    assert views.figures(assessment) == ()
    assert views.readiness_of(assessment).verdict == "wrong"


def test_forced_problems_no_longer_stand_in_the_way() -> None:
    draft = tables.with_name(draft_of("mnist-mlp"), "network.layers[2].activation", "relu")
    assert views.readiness_of(assess(draft)).can_force
    forced = assess({**draft, "force": True})
    assert forced.ready
    assert views.readiness_of(forced).verdict == "forced"


@pytest.mark.parametrize("key", [*LADDERS, "seed", "patience"])
def test_a_step_up_and_down_comes_back(key: str) -> None:
    start = LADDERS[key][2] if key in LADDERS else 3
    assert stepped(key, stepped(key, start, 1), -1) == start
    assert stepped(key, start, 1) > start


@pytest.mark.parametrize(
    ("key", "value", "direction", "after"),
    [
        ("network.layers[0].units", 128, 1, 256),
        ("network.layers[0].units", 100, -1, 64),
        ("network.layers[0].units", 1, -1, 1),
        ("training.optimizer.lr", 0.1, 1, 0.2),
        ("training.optimizer.lr", 0.2, 1, 0.5),
        ("training.optimizer.lr", 0.03, -1, 0.02),
        ("training.optimizer.momentum", 0.0, 1, 0.5),
        ("training.epochs", 10, 1, 20),
        ("seed", 0, -1, 0),
    ],
)
def test_numbers_step_along_their_ladder(key: str, value: float, direction: int, after: float) -> None:
    assert stepped(key, value, direction) == after


def test_the_batch_grows_into_the_whole_training_set() -> None:
    assert stepped("training.batch_size", 2, 1, samples=4) == 0
    assert stepped("training.batch_size", 0, -1, samples=4) == 2
    assert stepped("training.batch_size", 0, 1, samples=4) == 0


def test_undo_and_redo_go_back_and_forth() -> None:
    first, second = draft_of("xor"), draft_of("spirals")
    history = DraftHistory(first)
    assert not history.undo()
    assert history.change(second)
    assert not history.change(second)
    assert history.undo()
    assert history.draft == first
    assert history.redo()
    assert history.draft == second


def test_starts_for_a_dataset_come_first() -> None:
    starts = starting_points_for("mnist")
    fitting = [start.title for start in starts if start.is_for_dataset]
    assert fitting == [start.title for start in starts[: len(fitting)]]
    assert "Custom network for mnist" in fitting
    assert len(fitting) == 4
    assert starting_points_for("moons")[0].title == "Custom network for moons"
    assert all(not start.is_for_dataset for start in starting_points_for("no-such-set"))


def test_a_saved_draft_opens_again(tmp_path: Path) -> None:
    draft = tables.with_value(draft_of("mnist-mlp"), "network.layers[2].units", 4)
    path = save_draft(draft, tmp_path / "mine.toml")
    assert open_draft(path) == draft
    assert "auto" in path.read_text()
    with pytest.raises(FileExistsError):
        save_draft(draft, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


def test_a_relative_path_to_data_counts_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[data]\ndataset = "points.npz"\n')
    assert open_draft(tmp_path / "mine.toml")["data"]["dataset"] == str(tmp_path / "points.npz")


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"name = ", b"[data]\ndatset = 1\n", b'name = "a\\u001b[2J"'],
)
def test_a_file_that_is_no_experiment_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ExperimentError):
        open_draft(path)


def test_writing_where_there_is_no_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="cannot write"):
        save_draft(draft_of("xor"), tmp_path / "no" / "folder.toml")
    assert list(tmp_path.iterdir()) == []


edits = st.lists(
    st.tuples(
        st.sampled_from(["add", "duplicate", "remove", "up", "down", "field", "type"]), st.integers(0, 1000)
    ),
    max_size=12,
)
texts = [
    "0",
    "1",
    "7",
    "-3",
    "1e9",
    "auto",
    "all",
    "",
    "nan",
    "x",
    "999999999999",
    "0.5",
    "[1]",
    "{a=1}",
    "true",
]


@settings(max_examples=20, deadline=None)
@given(preset=st.sampled_from(PRESETS), edits=edits)
def test_any_edits_keep_a_draft_that_can_be_shown(preset, edits: list[tuple[str, int]]) -> None:
    draft = tables.complete(preset.raw)
    for edit, number in edits:
        draft = edited(draft, edit, number)
        found = problems(draft)
        assert all(problem.message for problem in found)
        assert fields_of(draft, number % len(tables.layers_of(draft)))
        views.readiness_of(assess(draft))
        assert tables.complete(tomllib.loads(tomli_w.dumps(draft))) == draft


def edited(draft: Draft, edit: str, number: int) -> Draft:
    index = number % len(tables.layers_of(draft))
    layers = {
        "add": lambda: tables.with_layer_added(draft, index),
        "duplicate": lambda: tables.with_layer_duplicated(draft, index),
        "remove": lambda: tables.with_layer_removed(draft, index),
        "up": lambda: tables.with_layer_moved(draft, index, -1),
        "down": lambda: tables.with_layer_moved(draft, index, 1),
    }
    if edit in layers:
        after, there = layers[edit]()
        assert 0 <= there < len(tables.layers_of(after))
        return after
    fields = fields_of(draft, index)
    field = fields[number % len(fields)]
    if field.kind == "choice":
        return tables.with_name(draft, field.key, field.choices[number % len(field.choices)])
    try:
        return tables.with_text(draft, field.key, texts[number % len(texts)])
    except ExperimentError:
        return draft


@pytest.mark.parametrize("content", ["a." * 30_000 + "b=1", "x = " + "[" * 100_000, "#" * (2 << 20)])
def test_a_file_that_would_take_for_ever_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.toml").write_text(content)
    with pytest.raises(ExperimentError):
        open_draft(tmp_path / "x.toml")
