"""Any order of commands, crashes, damage and resumes: one writer, a consistent log, no accepted request is lost."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.errors import RunError
from engine.events import Command, Epoch, Finished, Started, Steps
from engine.runs.checkpoints import list_checkpoints
from engine.runs.log import decode_event
from engine.runs.replay import Replay, Replayed
from tests.engine.runs.workshop import Workshop

RATE = "training.optimizer.lr"


class Life(RuleBasedStateMachine):
    """One run, from its creation to its end."""

    @initialize(every=st.sampled_from([0, 1, 2]))
    def create(self, every: int) -> None:
        self.home, self.patch = Path(tempfile.mkdtemp()), pytest.MonkeyPatch()
        options = ["data.samples=200", f"checkpoints.every={every}", "checkpoints.keep=2"]
        self.shop = Workshop(self.home, self.patch, overrides=options, epochs=4)
        self.requested = 0

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self._end()
            self.patch.undo()
            shutil.rmtree(self.home)

    @property
    def state(self) -> str:
        return self.shop.run.status().state

    @precondition(lambda self: self.state != "finished")
    @rule(dies_at=st.integers(1, 60) | st.none())
    def work(self, dies_at: int | None) -> None:
        """Start a worker, by `launch` or `resume`, which may be killed."""
        if (self.shop.run.path / "events.jsonl").exists() or self.state == "stopped":
            self.shop.resume()
            self.requested += 1
        self.shop.work(dies_at)

    @rule(lr=st.floats(1e-4, 0.1))
    def steer(self, lr: float) -> None:
        self.shop.run.command("set", RATE, lr)
        self.requested += 1

    @rule(command=st.sampled_from(["stop", "checkpoint", "pause", "resume"]))
    def ask(self, command: str) -> None:
        self.shop.run.command(command)
        self.requested += 1

    @rule()
    def write_rubbish(self) -> None:
        with (self.shop.run.path / "commands.jsonl").open("ab") as stream:
            stream.write(b'{"command":"explode"}\nrubbish\n')
        self.requested += 2

    @rule()
    def tear_the_last_line(self) -> None:
        path = self.shop.run.path / "events.jsonl"
        if path.exists() and self.state == "lost":
            with path.open("ab") as stream:
                stream.write(b'{"type":"steps","step":3,"los')

    @precondition(lambda self: self.state == "lost")
    @rule(at=st.integers(0, 10_000))
    def damage_the_newest_checkpoint(self, at: int) -> None:
        for _, path in list_checkpoints(self.shop.run.path)[-1:]:
            content = bytearray(path.read_bytes())
            content[at % len(content)] ^= 4
            path.write_bytes(content)

    @rule()
    def a_second_worker_is_refused(self) -> None:
        before = self.shop.run.status()
        with self.shop.lock(), pytest.raises(RunError, match="in use"), self.shop.lock():
            pass
        assert self.shop.run.status() == before

    @invariant()
    def the_log_makes_sense(self) -> None:
        if not hasattr(self, "shop"):
            return
        step, epoch = 0, 0
        follower = self.shop.run.follow()
        while follower.has_more:
            offset = follower.offset
            for event in follower.poll():
                if isinstance(event, Steps):
                    assert event.step == step
                    step += event.count
                elif isinstance(event, Epoch):
                    assert (event.step, event.epoch) == (step, epoch + 1)
                    epoch += 1
                elif isinstance(event, Started | Command | Finished):
                    assert event.step == step
            if follower.offset == offset:
                break
        assert follower.bad_lines == 0

    @invariant()
    def the_status_tells_the_truth(self) -> None:
        if hasattr(self, "shop"):
            status = self.shop.run.status()
            events = list(self.shop.run.events())
            ended = bool(events) and isinstance(events[-1], Finished)
            assert status.state in ("lost", "stopped", "finished")
            if status.state != "lost":
                assert ended
                assert status.step == events[-1].step

    def _end(self) -> None:
        """Train to the end: every request was answered, and a replay of the run gives the same bits."""
        while self.state != "finished":
            self.shop.resume()
            self.requested += 1
            self.shop.work()
        answered = {event.read for event in self._all_events() if isinstance(event, Command)}
        ends, size = [], 0
        path = self.shop.run.path / "commands.jsonl"
        for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
            size += len(line)
            ends.append(size)
        unanswered = [end for end in ends if end not in answered]
        assert unanswered == ends[len(ends) - len(unanswered) :]  # only what came after the end
        *_, verdict = Replay(self.shop.run).events()
        assert isinstance(verdict, Replayed)
        assert verdict.same, verdict.message

    def _all_events(self) -> list[object]:
        """Return every event in the file, those that are rolled back too."""
        lines = (self.shop.run.path / "events.jsonl").read_bytes().splitlines()
        return [decode_event(line) for line in lines]


Life.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestLife = Life.TestCase
