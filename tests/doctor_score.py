"""The doctor's score: `python -m tests.doctor_score` trains every experiment of `tests/doctor_cases` and prints it.

A case is an experiment file with an additional table `[case]`: `about`; for a faulty one `expects`, the code that must be
among the first two findings; `overfit = true` if the doctor is to overfit 16 samples instead of training; and `half`:
thresholds were set on "tune" and reported on "report"; "fresh" was written last, and no threshold was changed after
looking at it.
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

from engine.doctor import Doctor, arrange, diagnose
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
GOALS = {"found": 0.95, "false alarms": 0.05, "fixed": 0.9}
LUCK = 0.06
"""Difference of accuracies that can be chance: one standard error of the smallest test parts (60 samples)."""
MEASUREMENTS = 25
"""Measurements of the layers per training."""


@dataclass(frozen=True)
class Case:
    """An experiment, and the expected finding."""

    name: str
    raw: dict[str, Any]
    expects: str
    """Expected code; "" for a healthy experiment."""
    half: str
    """tune, report or fresh."""
    about: str = ""
    overfit: bool = False
    """True: overfit 16 samples instead of training."""

    def experiment(self, folder: Path) -> Experiment:
        """Return the complete experiment; its data files are in `folder`."""
        return Experiment.from_raw(self.raw, self.name, folder)


@dataclass(frozen=True)
class Outcome:
    """The result of a training."""

    findings: list[Finding]
    finished: Finished | None

    @property
    def alarms(self) -> list[Finding]:
        """The findings of severity warning or above."""
        return [finding for finding in self.findings if finding.severity != "info"]

    @property
    def score(self) -> float:
        """Score on samples not used for training: the accuracy, or minus the loss."""
        end = self.finished
        if end is None or end.state == "diverged":
            return -np.inf
        accuracy = end.test_accuracy if end.test_accuracy is not None else end.train_accuracy
        loss = end.test_loss if end.test_loss is not None else end.train_loss
        return accuracy if accuracy is not None else -np.inf if loss is None else -loss


def load_cases(folder: Path = CASES) -> list[Case]:
    """Return the cases by name, faulty ones first."""
    return [_load(path) for kind in ("faulty", "sound") for path in sorted((folder / kind).glob("*.toml"))]


def _load(path: Path) -> Case:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    about = raw.pop("case")
    return Case(
        path.stem, raw, about.get("expects", ""), about["half"], about["about"], about.get("overfit", False)
    )


def observe(experiment: Experiment) -> list[Event]:
    """Train an experiment with the doctor and return all events; only the findings if its data are bad."""
    plan, data = plan_of(experiment)
    if data is None:
        return list(diagnose(plan))
    training = experiment.training
    network = Network(experiment.network, data.input_shape, experiment.seed, training.dtype)
    trainer = Trainer(experiment, network, data)
    telemetry = Telemetry(network, data, training, every=max(1, trainer.total_steps // MEASUREMENTS))
    return list(live_telemetry(trainer, Doctor(plan, network, data), telemetry))


def examine(experiment: Experiment) -> Outcome:
    """Train an experiment with the doctor and return all its findings."""
    events = observe(experiment)
    findings = [event for event in events if isinstance(event, Finding)]
    return Outcome(arrange(findings), next((event for event in events if isinstance(event, Finished)), None))


@dataclass(frozen=True)
class Row:
    """A case with its findings; `fixed`: the fix worked, None: there was none to try."""

    case: Case
    outcome: Outcome
    fixed: bool | None
    after: Outcome | None

    @property
    def is_right(self) -> bool:
        """True if the expected finding is among the first two, or if there is no false alarm."""
        if self.case.expects:
            return self.case.expects in [finding.code for finding in self.outcome.findings[:2]]
        return not self.outcome.alarms


def run_case(case: Case, folder: Path, *, fix: bool = True) -> Row:
    """Train a case, and again with the fix of the finding that it expects."""
    experiment = case.experiment(folder)
    if case.overfit:
        return Row(case, Outcome(diagnose_experiment(experiment, overfit=True), None), None, None)
    outcome = examine(experiment)
    remedy = next((f.remedy for f in outcome.findings if f.code == case.expects and f.remedy), {})
    if not remedy or not fix:
        return Row(case, outcome, None, None)
    fixed = experiment.with_changes(remedy)
    after = examine(fixed)
    same_loss = fixed.data.task != "regression" or fixed.network.loss == experiment.network.loss
    return Row(case, outcome, is_fixed(case.expects, outcome, after, same_loss), after)


def is_fixed(code: str, before: Outcome, after: Outcome, same_loss: bool = True) -> bool:
    """Return True if the fault is gone, the training ends without an error or plateau, and the score is no lower.

    Args:
        code: of the fault.
        before: without the fix.
        after: with the fix.
        same_loss: True: both use the same loss, so that losses can be compared.
    """
    still = any(finding.code == code and finding.severity != "info" for finding in after.findings)
    broken = any(finding.severity == "error" for finding in after.findings)
    comes_to_an_end = after.finished is not None and after.finished.state == "finished"
    worse = same_loss and after.score < before.score - LUCK
    stuck = code not in ("overfitting", "overconfident") and any(f.code == "plateau" for f in after.findings)
    return comes_to_an_end and not still and not broken and not worse and not stuck


def run_all(cases: Sequence[Case], *, fix: bool = True) -> Iterator[Row]:
    """Yield the cases' rows as they are done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        for case in cases:
            yield run_case(case, folder, fix=fix)


def _line(row: Row, seconds: float) -> str:
    codes = " ".join(
        f"{finding.code}{'' if finding.severity != 'info' else '(i)'}" for finding in row.outcome.findings
    )
    mark = "ok   " if row.is_right else "WRONG"
    fixed = {None: "", True: " fixed", False: " NOT FIXED"}[row.fixed]
    before = f"{row.outcome.score:.3f}"
    after = f" -> {row.after.score:.3f} [{' '.join(f.code for f in row.after.alarms)}]" if row.after else ""
    return f"{mark} {row.case.half:6} {row.case.name:34} {seconds:4.1f}s {before}{after}{fixed}  {codes}"


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def report(rows: Sequence[Row]) -> bool:
    """Print the score of each half; return True if those without tuned thresholds reach the goals."""
    reached = True
    for half in HALVES:
        ours = [row for row in rows if row.case.half == half]
        faulty = [row.is_right for row in ours if row.case.expects]
        healthy = [not row.is_right for row in ours if not row.case.expects]
        fixed = [row.fixed for row in ours if row.fixed is not None]
        print(
            f"{half:6}  found {sum(faulty)}/{len(faulty)} ({_share(faulty):.1%})   "
            f"false alarms {sum(healthy)}/{len(healthy)} ({(_share(healthy) if healthy else 0):.1%})   "
            f"fixed {sum(fixed)}/{len(fixed)} ({_share(fixed):.1%})"
        )
        if half != "tune":
            reached &= _share(faulty) >= GOALS["found"] and _share(fixed) >= GOALS["fixed"]
            reached &= not healthy or _share(healthy) <= GOALS["false alarms"]
    return reached


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases whose names contain one of the arguments (all without any); return 1 if the score is too low."""
    parser = argparse.ArgumentParser(prog="python -m tests.doctor_score", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="parts of names of cases")
    parser.add_argument("--half", choices=HALVES, help="only this part")
    parser.add_argument("--wrong", action="store_true", help="print only the cases that went wrong")
    options = parser.parse_args(argv)
    cases = [case for case in load_cases() if options.half in (None, case.half)]
    cases = [case for case in cases if not options.names or any(part in case.name for part in options.names)]
    rows: list[Row] = []
    first_started = started = time.perf_counter()
    for row in run_all(cases):
        rows.append(row)
        seconds, started = time.perf_counter() - started, time.perf_counter()
        if not options.wrong or not row.is_right or row.fixed is False:
            print(_line(row, seconds), flush=True)
    print(f"{len(rows)} experiments in {time.perf_counter() - first_started:.0f} s")
    return 0 if report(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
