"""The doctor's score: `python -m tests.doctor_score` trains every experiment of `tests/doctor_cases` and prints it.

A case is an experiment file with a table `[case]` besides: `about`; for a faulty one `expects`, the code that must be
among the first two findings; `overfit = true` where the doctor is asked to learn 16 samples by heart instead of a
training; and `half`: thresholds were set on "tune" and reported on "report"; "fresh" was written after all of them, and
none was changed after a look at it.
"""

import argparse
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.doctor import Doctor, arrange, judge
from engine.doctor.gather import plan_of
from engine.doctor.live_telemetry import live_telemetry
from engine.doctor.report import diagnose_experiment
from engine.doctor.telemetry import Telemetry
from engine.events import Event, Finding, Finished
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer
from tests.doctor_data import write_files

CASES = Path(__file__).parent / "doctor_cases"
HALVES = ("tune", "report", "fresh")
GOALS = {"found": 0.95, "false alarms": 0.05, "mended": 0.9}
LUCK = 0.06
"""By which an accuracy may differ by chance: one standard error of the smallest test parts (60 samples)."""
MEASUREMENTS = 25
"""Of the layers, in a training."""


@dataclass(frozen=True)
class Case:
    """An experiment, and what the doctor should say of it."""

    name: str
    raw: dict[str, Any]
    expects: str
    """Empty for a sound one."""
    half: str
    """tune, report or fresh."""
    about: str = ""
    overfit: bool = False
    """Whether 16 samples are to be learned by heart, and nothing is trained."""

    def experiment(self, folder: Path) -> Experiment:
        """Return it, complete; its data files are in `folder`."""
        return Experiment.from_raw(self.raw, self.name, folder)


@dataclass(frozen=True)
class Outcome:
    """What became of a training."""

    findings: list[Finding]
    finished: Finished | None

    @property
    def alarms(self) -> list[Finding]:
        """The findings of severity warning or above."""
        return [finding for finding in self.findings if finding.severity != "info"]

    @property
    def score(self) -> float:
        """How good the network is on samples that it has not learned from: accuracy, or minus the loss."""
        end = self.finished
        if end is None or end.state == "diverged":
            return -np.inf
        accuracy = end.test_accuracy if end.test_accuracy is not None else end.train_accuracy
        loss = end.test_loss if end.test_loss is not None else end.train_loss
        return accuracy if accuracy is not None else -np.inf if loss is None else -loss


def load_cases(folder: Path = CASES) -> list[Case]:
    """Return the cases, faulty ones first, by name."""
    return [_load(path) for kind in ("faulty", "sound") for path in sorted((folder / kind).glob("*.toml"))]


def _load(path: Path) -> Case:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    about = raw.pop("case")
    return Case(
        path.stem, raw, about.get("expects", ""), about["half"], about["about"], about.get("overfit", False)
    )


def observe(experiment: Experiment) -> list[Event]:
    """Train an experiment under the doctor's eyes, and return all events; the findings alone where its data are bad."""
    plan, data = plan_of(experiment)
    if data is None:
        return list(judge(plan))
    training = experiment.training
    network = Network(experiment.network, data.input_shape, experiment.seed, training.dtype)
    trainer = Trainer(experiment, network, data)
    telemetry = Telemetry(network, data, training, every=max(1, trainer.total_steps // MEASUREMENTS))
    return list(live_telemetry(trainer, Doctor(plan, network, data, budget=np.inf), telemetry))


def examine(experiment: Experiment) -> Outcome:
    """Train an experiment under the doctor's eyes, and return all that was found."""
    events = observe(experiment)
    findings = [event for event in events if isinstance(event, Finding)]
    return Outcome(arrange(findings), next((event for event in events if isinstance(event, Finished)), None))


@dataclass(frozen=True)
class Row:
    """A case with what was found, and whether the remedy mended it; None: there was none to try."""

    case: Case
    outcome: Outcome
    mended: bool | None
    after: Outcome | None

    @property
    def is_right(self) -> bool:
        """Found among the first two, or no false alarm."""
        if self.case.expects:
            return self.case.expects in [finding.code for finding in self.outcome.findings[:2]]
        return not self.outcome.alarms


def run_case(case: Case, folder: Path, *, mend: bool = True) -> Row:
    """Train a case, and once more with the remedy of the finding that it expects."""
    experiment = case.experiment(folder)
    if case.overfit:
        return Row(case, Outcome(diagnose_experiment(experiment, overfit=True), None), None, None)
    outcome = examine(experiment)
    remedy = next((f.remedy for f in outcome.findings if f.code == case.expects and f.remedy), {})
    if not remedy or not mend:
        return Row(case, outcome, None, None)
    mended = experiment.with_changes(remedy)
    after = examine(mended)
    same_loss = mended.data.task != "regression" or mended.network.loss == experiment.network.loss
    return Row(case, outcome, is_mended(case.expects, outcome, after, same_loss), after)


def is_mended(code: str, before: Outcome, after: Outcome, same_loss: bool = True) -> bool:
    """Whether the fault is gone, the training ends without an error and off the plateau, and the network is no worse.

    Args:
        same_loss: whether both judge a regression alike, so that their losses can be compared.
    """
    still = any(finding.code == code and finding.severity != "info" for finding in after.findings)
    broken = any(finding.severity == "error" for finding in after.findings)
    comes_to_an_end = after.finished is not None and after.finished.state == "finished"
    worse = same_loss and after.score < before.score - LUCK
    stuck = code not in ("overfitting", "overconfident") and any(f.code == "plateau" for f in after.findings)
    return comes_to_an_end and not still and not broken and not worse and not stuck


def run_all(cases: Sequence[Case], *, mend: bool = True) -> Iterator[Row]:
    """Yield the cases' rows as they are done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        for case in cases:
            yield run_case(case, folder, mend=mend)


def _line(row: Row, seconds: float) -> str:
    codes = " ".join(
        f"{finding.code}{'' if finding.severity != 'info' else '(i)'}" for finding in row.outcome.findings
    )
    mark = "ok   " if row.is_right else "WRONG"
    mended = {None: "", True: " mended", False: " NOT MENDED"}[row.mended]
    before = f"{row.outcome.score:.3f}"
    after = f" -> {row.after.score:.3f} [{' '.join(f.code for f in row.after.alarms)}]" if row.after else ""
    return f"{mark} {row.case.half:6} {row.case.name:34} {seconds:4.1f}s {before}{after}{mended}  {codes}"


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def report(rows: Sequence[Row]) -> bool:
    """Print the score of each part and return whether those that no threshold was set on reach the goals."""
    reached = True
    for half in HALVES:
        ours = [row for row in rows if row.case.half == half]
        faulty = [row.is_right for row in ours if row.case.expects]
        sound = [not row.is_right for row in ours if not row.case.expects]
        mended = [row.mended for row in ours if row.mended is not None]
        print(
            f"{half:6}  found {sum(faulty)}/{len(faulty)} ({_share(faulty):.1%})   "
            f"false alarms {sum(sound)}/{len(sound)} ({(_share(sound) if sound else 0):.1%})   "
            f"mended {sum(mended)}/{len(mended)} ({_share(mended):.1%})"
        )
        if half != "tune":
            reached &= _share(faulty) >= GOALS["found"] and _share(mended) >= GOALS["mended"]
            reached &= not sound or _share(sound) <= GOALS["false alarms"]
    return reached


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases whose names hold one of the arguments (all without any); 1 where the score is too low."""
    parser = argparse.ArgumentParser(prog="python -m tests.doctor_score", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="parts of names of cases")
    parser.add_argument("--half", choices=HALVES, help="only this part")
    parser.add_argument("--wrong", action="store_true", help="print only the cases that went wrong")
    options = parser.parse_args(argv)
    cases = [case for case in load_cases() if options.half in (None, case.half)]
    cases = [case for case in cases if not options.names or any(part in case.name for part in options.names)]
    rows: list[Row] = []
    began = started = time.perf_counter()
    for row in run_all(cases):
        rows.append(row)
        seconds, started = time.perf_counter() - started, time.perf_counter()
        if not options.wrong or not row.is_right or row.mended is False:
            print(_line(row, seconds), flush=True)
    print(f"{len(rows)} experiments in {time.perf_counter() - began:.0f} s")
    return 0 if report(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
