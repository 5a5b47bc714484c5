"""Writing an example of each finding into docs/diagnosis.md: `python -m tests.docs.diagnosis_page [CODE ...]`."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.doctor import PRECEDENCE, explain
from tests.docs import diagnosis_views as views
from tests.docs.diagnosis_views import Seen, View
from tests.docs.text_plot import fenced, filled

PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"
_BLOCK = "<!-- {code}: written by make notes -->\n{text}\n<!-- end -->"
_PATTERN = r"<!-- {code}: written by make notes -->\n.*?\n<!-- end -->"


@dataclass(frozen=True)
class Shown:
    """The case of `tests/doctor_cases` that shows a finding, and its plot."""

    case: str
    view: View
    changes: dict[str, Any] | None = None
    """Changes to compare with; None: the finding's fix."""
    fixed: str = ""
    """Description of the changes if they are not a fix."""


FIRST, LAST = 0, -1
SHOWN = {
    "output-loss-mismatch": Shown("tanh-output-cross-entropy", views.accuracy),
    "class-count": Shown("spare-outputs-mnist", views.loss(by_update=True)),
    "nan-in-data": Shown(
        "nan-in-column", views.without_training, {"data.dataset": "table.npz"}, "the holes filled"
    ),
    "constant-input": Shown(
        "all-blank", views.accuracy, {"data.dataset": "table.npz"}, "the table as it was"
    ),
    "outlier-input": Shown(
        "one-value-broken", views.accuracy, {"data.dataset": "table.npz"}, "the value corrected"
    ),
    "outlier-target": Shown(
        "one-target-broken", views.share_of_baseline, {"data.dataset": "values.npz"}, "the target corrected"
    ),
    "categorical-input": Shown("town-as-number", views.loss_and_level, {}),
    "held-out-differs": Shown("test-in-other-units", views.accuracy_and_test, {}),
    "batchnorm-batch": Shown("batchnorm-of-two", views.accuracy),
    "schedule": Shown("warmup-without-end", views.loss()),
    "clip": Shown("clipped-to-a-thousandth", views.loss()),
    "patience": Shown("impatient-checkerboard", views.loss()),
    "no-signal": Shown("labels-of-other-rows", views.training_and_validation, {}),
    "zero-init": Shown("course-zero-weights", views.loss(by_update=True)),
    "symmetric-init": Shown("constant-weights-moons", views.accuracy),
    "init-scale": Shown("weights-of-five", views.loss(log=True)),
    "linear-stack": Shown("linear-spirals", views.loss()),
    "step-activation": Shown("hidden-steps-spirals", views.loss()),
    "unscaled-input": Shown("raw-units", views.loss(log=True)),
    "unscaled-target": Shown(
        "prices-adam", views.share_of_baseline, {"data.dataset": "values.npz"}, "targets scaled"
    ),
    "imbalanced": Shown("one-in-thirty", views.accuracy_and_chance, {}),
    "leakage": Shown(
        "answer-as-feature", views.accuracy, {"data.dataset": "table.npz"}, "without the telling column"
    ),
    "batch-too-large": Shown("few-full-batches", views.loss()),
    "nan": Shown("squares-run-away", views.loss(log=True, by_update=True, first=12)),
    "exploding-gradients": Shown(
        "deep-leaky-at-a-seventh", views.layers("gradient_norm", "gradient norm", (FIRST, LAST), log=True), {}
    ),
    "dead-relu": Shown("adam-at-half", views.layers("dead", "share of dead units", (0, 1)), {}),
    "saturated": Shown(
        "tanh-at-minus-five", views.layer("saturated", "share of saturated outputs of layers.0", 0)
    ),
    "vanishing-gradients": Shown(
        "eight-sigmoids", views.layers("gradient_norm", "gradient norm", (FIRST, LAST), log=True), {}
    ),
    "learning-rate-high": Shown("rate-fifty-moons", views.loss(log=True, by_update=True)),
    "learning-rate-low": Shown("rate-too-low-digits", views.loss()),
    "update-ratio": Shown(
        "adam-far-too-low",
        views.layers("update_ratio", "update / weights", (FIRST, LAST), log=True, level=0.001),
        {},
    ),
    "initial-loss": Shown("last-weights-too-large", views.loss(log=True, by_update=True)),
    "cannot-overfit-batch": Shown("by-heart-in-vain-narrow", views.memorising),
    "plateau": Shown("no-hidden-checkerboard", views.loss_and_level, {}),
    "underfitting": Shown("no-hidden-spirals", views.loss()),
    "overfitting": Shown("few-rows-many-epochs", views.training_and_validation, {}),
    "too-short": Shown("three-epochs-spirals", views.loss()),
    "too-long": Shown("moons-for-ever", views.training_and_validation, {}),
    "validation-better": Shown("labels-of-a-crowd", views.accuracy_and_test, {}),
    "never-predicted": Shown("lost-class", views.classes, {}),
    "overconfident": Shown("sure-of-wrong-labels", views.sure_and_right, {}),
}


def block(code: str) -> str:
    """Return the block of a finding: the case, the finding's sentence, the plot, and the explanation."""
    shown = SHOWN[code]
    seen = views.see(shown.case, code, shown.changes)
    parts = [_introduction(code, shown, seen), fenced(shown.view(seen)), *explain(code).split("\n\n")]
    text = "\n\n".join(part if part.startswith("```") else filled(part) for part in parts)
    return _BLOCK.format(code=code, text=text)


def _introduction(code: str, shown: Shown, seen: Seen) -> str:
    finding = seen.finding(code)
    stop = "" if finding.message.endswith("?") else "."
    change = shown.fixed or ", ".join(f"`{key}`" for key in seen.changes)
    fixed = f" Fix: {change}." if seen.fixed else ""
    return f"*{shown.case}* ({seen.case.about[:-1]}): “{finding.message}{stop}”{fixed}"


def replaced(page: str, code: str, text: str) -> str:
    """Return the page with a finding's block in place of the old one, or at the end of its section."""
    pattern = re.compile(_PATTERN.format(code=re.escape(code)), re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: text, page)
    at = list(re.finditer(rf"^### {re.escape(code)}$", page, re.MULTILINE))[-1].end()
    end = re.compile(r"^##", re.MULTILINE).search(page, at)
    cut = end.start() if end else len(page)
    return f"{page[:cut].rstrip()}\n\n{text}\n\n{page[cut:]}".rstrip() + "\n"


def main(codes: Sequence[str]) -> int:
    """Draw the named findings, or all, and write them into the page."""
    for code in codes or PRECEDENCE:
        text = block(code)
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), code, text), encoding="utf-8")
        print(code, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
