"""Streams that are closed, homes of other people, names in no encoding, runs that were tampered with: one line each."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, worker
from engine.runs.checkpoints import list_checkpoints
from tests.e2e.mutations import read_sealed, sealed
from tests.tui.cli.conftest import Nnterm

STREAMS = {"stdin": ("<&-", 0), "stdout": (">&-", 2), "stderr": ("2>&-", 0)}


class Idle:
    """Stands for the signal handlers of a worker."""

    is_requested = False


@pytest.fixture
def run(home: Path) -> Run:
    """A finished run, trained in this process."""
    run = Run.create(Experiment.quick("moons", [4], epochs=2), home, name="mine")
    worker.work(run, Idle())  # type: ignore[arg-type]
    return run


@pytest.mark.parametrize("stream", STREAMS)
def test_a_closed_stream(home: Path, stream: str) -> None:
    closing, code = STREAMS[stream]
    command = f'"$0" -m tui.cli.main runs {closing}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable],
        capture_output=True,
        text=True,
        env=os.environ | {"NNTERM_HOME": str(home)},
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("stdout is closed" in done.stderr) == (stream == "stdout")
    assert ("no runs yet" in done.stdout) == (stream != "stdout")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("streams", ["2>/dev/full", ">/dev/full", ">/dev/full 2>/dev/full"])
def test_an_error_on_a_full_disk_has_its_exit_code(home: Path, streams: str) -> None:
    command = f'"$0" -m tui.cli.main show nosuch --json {streams}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_json_names_a_file_that_cannot_be_used(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(arguments: object) -> int:
        raise PermissionError(13, "Permission denied", "/mine")

    monkeypatch.setattr("tui.cli.commands.run_command", unreadable)
    shown = nnterm("runs", "--json")
    assert shown.code == 2
    assert [line["message"] for line in shown.lines] == ["cannot use /mine: Permission denied"]


def test_an_error_beside_a_closed_stderr_has_its_exit_code(home: Path) -> None:
    done = subprocess.run(["sh", "-c", '"$0" -m tui.cli.main show nosuch 2>&-', sys.executable], check=False)
    assert done.returncode == 2


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes no such names")
def test_a_folder_whose_name_is_in_no_encoding(home: Path, run: Run, nnterm: Nnterm) -> None:
    (home / "runs" / os.fsdecode(b"bad\xff")).mkdir()
    listed = nnterm("runs", "--json")
    assert listed.code == 0
    assert {line["name"] for line in listed.lines} == {"mine", "bad\\udcff"}
    assert nnterm("runs").code == 0


class TestHome:
    @pytest.mark.parametrize("name", ["file", "file/below"])
    def test_one_that_is_a_file(self, tmp_path: Path, nnterm: Nnterm, name: str) -> None:
        (tmp_path / "file").write_text("")
        for command in (("runs",), ("train", "--dataset", "xor", "--detach")):
            answer = nnterm(*command, "--home", str(tmp_path / name))
            assert answer.code == 2
            assert answer.err.count("error: ") == 1

    def test_one_of_an_unknown_user(self, nnterm: Nnterm) -> None:
        answer = nnterm("runs", "--home", "~nosuchuser")
        assert answer.code == 2
        assert "there is no such user" in answer.err

    @pytest.mark.parametrize("part", ["", "runs"])
    def test_one_that_everybody_may_write(self, home: Path, nnterm: Nnterm, part: str) -> None:
        (home / "runs").mkdir(parents=True)
        (home / part).chmod(0o777)
        answer = nnterm("runs", "--json")
        assert (answer.code, answer.out) == (0, "")
        assert answer.err.count("warning: ") == 1
        assert "can be written by every user (mode 0777)" in answer.err
        (home / part).chmod(0o1777)
        assert nnterm("runs").err == ""

    def test_one_of_another_user(self, home: Path, nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "runs").mkdir(parents=True)
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert ("belongs to another user" in nnterm("runs").err) == (os.getuid() != 0)  # root is trusted
        if os.getuid() == 0:
            os.chown(home / "runs", 12346, -1)
            assert "belongs to another user (uid 12346)" in nnterm("runs").err

    def test_everything_in_it_is_private_whatever_the_umask(self, home: Path, nnterm: Nnterm) -> None:
        before = os.umask(0)
        try:
            run = Run.create(Experiment.quick("moons", [4], epochs=1), home, name="mine")
            worker.work(run, Idle())  # type: ignore[arg-type]
            for command in (("inspect", "mine"), ("check", "--run", "mine", "--no-torch", "--samples", "4")):
                assert nnterm(*command).code == 0
            assert nnterm("note", "mine", "a note").code == 0
        finally:
            os.umask(before)
        found = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}
        assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
        assert {path.name for path, mode in found.items() if path.is_file() and mode != 0o600} == set()


class TestTamperedRuns:
    def test_weights_near_the_largest_number(self, run: Run, nnterm: Nnterm) -> None:
        for path in [run.path / "live.safetensors", *(path for _, path in list_checkpoints(run.path))]:
            header, payload = read_sealed(path)
            path.write_bytes(sealed(header, np.float32(3e38).tobytes() * (len(payload) // 4)))
        answer = nnterm("evaluate", "mine")  # NumPy's warnings would be errors here
        assert answer.code == 0
        assert "the loss is not finite (NaN or Inf)" in answer.err
        assert nnterm("inspect", "mine", "--no-baseline").code == 0
        assert nnterm("diagnose", "--run", "mine").code in (0, 1)

    def test_a_baseline_of_a_thousand_brackets_is_trained_anew(self, run: Run, nnterm: Nnterm) -> None:
        (run.path / "inspection").mkdir(mode=0o700)
        (run.path / "inspection" / "baseline.json").write_text("[" * 60_000)
        assert nnterm("inspect", "mine").code == 0
        assert json.loads((run.path / "inspection" / "baseline.json").read_text())

    @pytest.mark.parametrize("content", [b"", None, b"\x00" * 10])
    def test_events_that_tell_nothing_are_no_sound_run(
        self, run: Run, nnterm: Nnterm, content: bytes | None
    ) -> None:
        events = run.path / "events.jsonl"
        events.unlink() if content is None else events.write_bytes(content)
        answer = nnterm("diagnose", "--run", "mine")
        assert (answer.code, answer.out) == (2, "")
        assert "there is nothing to judge mine by" in answer.err

    def test_a_text_that_would_turn_the_line_around(self, run: Run, nnterm: Nnterm) -> None:
        path = run.path / "status.json"
        path.write_bytes(path.read_bytes().replace(b'"message":""', b'"message":"a\xe2\x80\xaeb"'))
        (run.path / "events.jsonl").write_bytes(b"")
        answer = nnterm("runs", "--columns", "all")
        assert "\u202e" not in nnterm("show", "mine").out + answer.out

    def test_a_log_without_end_is_quoted_by_its_end(self, run: Run) -> None:
        from engine.files.regular import last_lines

        (run.path / "worker.log").write_bytes(b"x" * (1 << 20) + b"\none\ntwo\n")
        assert last_lines(run.path / "worker.log", 2) == ["one", "two"]
        (run.path / "worker.log").unlink()
        (run.path / "worker.log").symlink_to("/dev/zero")
        assert last_lines(run.path / "worker.log", 2) == []


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--dataset", "xor", "--layers", "2", "--no-torch", "--burn-in", "1" + "0" * 20),
        ("inspect", "mine", "--no-baseline", "--checkpoint", "1" * 5000),
        ("train", "--dataset", "moons", "--set", "data.noise=1e308"),
        ("train", "--dataset", "moons", "--set", "x=" + "{a." * 5000),
    ],
)
def test_numbers_beyond_all_use(run: Run, nnterm: Nnterm, command: tuple[str, ...]) -> None:
    answer = nnterm(*command)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
