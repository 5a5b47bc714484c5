"""A run opened for views: moments, caching, missing and damaged files; and the process that serves it."""

import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.data import load_data
from engine.errors import CheckpointError, NntermError
from engine.experiment.experiment import Experiment
from engine.inspection import InspectedRun, Reply, Request, Unseen
from engine.inspection.baseline import FILE_NAME, FOLDER_NAME, read_baseline, train_baseline
from engine.inspection.inspector import Inspector
from engine.inspection.messages import Failure, Message, Notice
from engine.inspection.server import Mailbox, serve
from engine.runs import Run
from engine.runs.checkpoints import LIVE_NAME, list_checkpoints
from engine.storage.weights import Snapshot, load_snapshot, write_snapshot
from tests.engine.inspection.trained import train
from tests.waiting import PATIENCE_S

OPTIONS: dict[str, Any] = {"epochs": 3, "batch_size": 50, "overrides": ["data.samples=300"]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Train moons for three epochs."""
    return train(tmp_path_factory.mktemp("home"), "moons", [4], "moons", **OPTIONS)


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """Return a copy of it that a test may damage."""
    shutil.copytree(trained.path, tmp_path / "runs" / "moons")
    return Run(tmp_path / "runs" / "moons")


def test_moments_go_from_the_first_weights_to_the_newest(trained: Run) -> None:
    moments = Inspector(trained).moments()
    assert [one.step for one in moments] == list(range(16))  # so short a run has a snapshot per step
    assert [(one.step, one.epoch, one.kind) for one in moments if one.kind != "snapshot"] == [
        (0, 0, "first"),
        (5, 1, "checkpoint"),
        (10, 2, "checkpoint"),
        (15, 3, "checkpoint"),
    ]
    assert [one.step for one in moments if one.is_last] == [15]
    best = min(moments[1:], key=lambda one: one.validation_loss or 9)
    assert [one for one in moments if one.is_best] == [best]


def test_each_moment_has_the_weights_of_that_time(trained: Run) -> None:
    inspector = Inspector(trained)
    for step, path in list_checkpoints(trained.path):
        np.testing.assert_array_equal(
            inspector.snapshot(step).network.theta, load_snapshot(path).network.theta
        )
    first = inspector.snapshot(0).network
    assert first.theta.tobytes() == type(first)(first.spec, first.input_shape, 0).theta.tobytes()
    assert inspector.find("newest").step == inspector.find("last").step == 15


def test_live_weights_are_a_moment_until_a_checkpoint_has_them(run: Run) -> None:
    newest = load_snapshot(list_checkpoints(run.path)[-1][1])
    assert newest.position is not None
    position = msgspec.structs.replace(newest.position, step=18)
    write_snapshot(run.path / LIVE_NAME, Snapshot(newest.network, newest.experiment, position))
    inspector = Inspector(run)
    live = inspector.find("newest")
    assert (live.step, live.kind, live.is_last) == (18, "live", True)
    before = inspector.token(live)
    newest.network.theta[0] += 1
    write_snapshot(run.path / LIVE_NAME, Snapshot(newest.network, newest.experiment, position))
    os.utime(run.path / LIVE_NAME, ns=(1, 1))
    assert inspector.token(inspector.find("newest")) != before
    assert inspector.snapshot("newest").network.theta[0] == newest.network.theta[0]


def test_an_unknown_moment_lists_the_known_ones(trained: Run) -> None:
    with pytest.raises(CheckpointError, match="no weights at step 70") as raised:
        Inspector(trained).find(70)
    assert "0, 5, 10, 15 and 12 snapshots between them" in raised.value.hint


def test_a_damaged_checkpoint_is_reported_and_the_others_work(run: Run) -> None:
    path = list_checkpoints(run.path)[1][1]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    inspector = Inspector(run)
    with pytest.raises(CheckpointError, match="damaged"):
        inspector.show("overview", 10)
    assert inspector.show("overview", 15)[0].step == 15


def test_without_data_the_weights_can_still_be_seen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(spec: object) -> None:
        raise NntermError("moons.npz is not there")

    monkeypatch.setattr("engine.inspection.inspector.load_data", gone)
    inspector = Inspector(run)
    assert inspector.subject().trouble == "the data cannot be read: moons.npz is not there"
    _, answer = inspector.show("confusion", "newest")
    assert isinstance(answer, Unseen)
    assert not isinstance(inspector.show("weights", 0)[1], Unseen)
    assert not inspector.lacks_baseline


def test_an_unknown_view_or_option_is_named(trained: Run) -> None:
    inspector = Inspector(trained)
    with pytest.raises(NntermError, match='"confusoin" is not a view') as raised:
        inspector.show("confusoin", "newest")
    assert 'did you mean "confusion"?' in raised.value.hint
    with pytest.raises(NntermError, match=r"boundary: .*colums"):
        inspector.show("boundary", "newest", {"colums": 3})


class TestBaseline:
    def test_it_is_a_network_without_hidden_layers_and_stored(self, run: Run) -> None:
        inspector = Inspector(run)
        assert inspector.lacks_baseline
        for _ in inspector.make_baseline():
            pass
        assert not inspector.lacks_baseline
        assert (run.path / FOLDER_NAME / FILE_NAME).exists()
        again = Inspector(run)
        assert not again.lacks_baseline
        answer: Any = again.show("overview", "newest")[1]
        assert "logistic regression" in answer.baseline.method
        assert 0.75 < answer.baseline.accuracy < 0.95  # a straight line between two moons

    def test_a_baseline_of_other_data_does_not_count(self, run: Run) -> None:
        inspector = Inspector(run)
        list(inspector.make_baseline())
        other = inspector.experiment.with_changes({"data.samples": 200})
        assert read_baseline(run.path, other) is None

    def test_on_linearly_separable_data_it_is_near_perfect(self, trained: Run) -> None:
        experiment = trained.experiment().with_changes(
            {"data.dataset": "and", "data.samples": 0, "data.task": "auto"}
        )
        baseline = next(found for found in train_baseline(experiment, load_data(experiment.data)) if found)
        assert baseline.score("train").right == 4  # type: ignore[union-attr]

    def test_for_a_regression_it_is_the_least_squares_line(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(3000, 3)) @ rng.normal(size=(3, 5)) + 7  # 5 features, 2 of them redundant
        y = np.stack([1e4 + 300 * x[:, 0] + x[:, 1] ** 2, np.sin(x[:, 2])], axis=1)
        np.savez(tmp_path / "line.npz", x=x.astype(np.float32), y=y)
        experiment = Experiment.quick(str(tmp_path / "line.npz"), [4])
        data = load_data(experiment.data)
        baseline = next(found for found in train_baseline(experiment, data) if found)
        rows = np.c_[data.train.x, np.ones(len(data.train))].astype(np.float64)
        residuals = data.train.y - rows @ np.linalg.lstsq(rows, data.train.y)[0]
        share = 1 - (residuals**2).sum() / ((data.train.y - data.train.y.mean(axis=0)) ** 2).sum()
        score = baseline.score("train")
        assert score is not None
        assert score.r_squared == pytest.approx(share, abs=1e-6)
        assert 0.9 < share < 1

    def test_a_folder_that_cannot_be_written_is_ignored(self, run: Run) -> None:
        (run.path / FOLDER_NAME).write_text("in the way")
        inspector = Inspector(run)
        list(inspector.make_baseline())
        assert not inspector.lacks_baseline


def exchange(run: Run, *requests: Request) -> list[Message]:
    """Return the server's messages for these requests, until it has nothing left to do."""
    waiting = deque(requests)

    def receive(wait: bool) -> Request | None:
        if waiting:
            return waiting.popleft()
        if wait:
            raise EOFError
        return None

    return list(serve(Inspector(run), receive))


class TestServer:
    def test_subject_then_replies_then_the_baseline(self, run: Run) -> None:
        subject, overview, classes, notice = exchange(run, Request(1, "overview"), Request(2, "classes", 5))
        assert isinstance(subject, InspectedRun)
        assert isinstance(overview, Reply)
        assert isinstance(classes, Reply)
        assert (subject.kind, subject.splits) == ("plane", (("train", 216), ("validation", 24), ("test", 60)))
        assert (overview.id, classes.id) == (1, 2)
        assert classes.moment is not None
        assert classes.moment.step == 5
        assert notice == Notice("overview")
        assert b"logistic" in bytes(exchange(run, Request(1, "overview"))[1].answer)  # type: ignore[union-attr]

    def test_a_valid_token_avoids_the_computation(self, run: Run) -> None:
        _, reply, *_ = exchange(run, Request(1, "classes", 5))
        assert isinstance(reply, Reply)
        _, again = exchange(run, Request(2, "classes", 5, unless=reply.token))
        assert isinstance(again, Reply)
        assert bytes(again.answer) == b"null"

    def test_a_failed_request_has_a_reason_and_the_next_one_is_answered(self, run: Run) -> None:
        _, failure, reply = exchange(run, Request(1, "classes", 99), Request(2, "classes"))
        assert isinstance(failure, Failure)
        assert (failure.id, failure.message) == (1, "moons has no weights at step 99")
        assert isinstance(reply, Reply)

    def test_the_mailbox_skips_damaged_lines_and_ends_with_the_stream(self) -> None:
        here, there = os.pipe()
        mailbox = Mailbox(here)
        os.write(there, b'{"id": 1, "view": "fit"}\nnonsense\n{"id": 2,')
        os.write(there, b' "view": "weights"}\n')
        assert mailbox.get(wait=True) == Request(1, "fit")
        assert mailbox.get(wait=True) is None
        assert mailbox.get(wait=True) == Request(2, "weights")
        assert mailbox.get(wait=False) is None
        threading.Timer(0.01, os.close, (there,)).start()
        with pytest.raises(EOFError):
            mailbox.get(wait=True)

    def test_the_process_ends_with_its_input(self, run: Run) -> None:
        command = [
            sys.executable,
            "-m",
            "engine.inspection.server",
            "moons",
            "--home",
            str(run.path.parent.parent),
        ]
        done = subprocess.run(
            command, input=b'{"id":1,"view":"classes"}\n', capture_output=True, timeout=PATIENCE_S
        )
        kinds = [msgspec.json.decode(line)["type"] for line in done.stdout.splitlines()]
        assert (done.returncode, kinds, done.stderr) == (0, ["subject", "reply"], b"")

    def test_a_run_that_is_not_there_is_a_line_and_exit_2(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "engine.inspection.server", "nobody", "--home", str(tmp_path)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S)
        assert done.returncode == 2
        assert b'there is no run \\"nobody\\"' in done.stdout
        assert done.stderr == b""


def test_importing_the_messages_loads_no_numpy() -> None:
    script = (
        "import sys, engine.inspection; print('numpy' in sys.modules, 'engine.nn.network' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
