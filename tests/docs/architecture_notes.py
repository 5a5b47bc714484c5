"""Rendering of docs/architecture_notes.md from recorded figures; `python -m tests.docs.architecture_notes` records."""

import sys
from pathlib import Path

import msgspec

from engine.data import load_data
from tests.docs.rate_figures import Edge, Study, Training
from tests.docs.rates import (
    EARLY,
    EPOCHS,
    RATES,
    UNGUARDED,
    descend,
    experiment_at,
    loss_along_gradient,
    run_unguarded,
    train,
    with_squared_error,
)
from tests.docs.text_plot import fenced, filled, number, plot, table

RECORD = Path(__file__).with_name("architecture_notes.json")
PAGE = Path(__file__).parents[2] / "docs" / "architecture_notes.md"
TEXT = Path(__file__).with_name("architecture_notes.txt")
"""The page with a name in braces for each figure, table or plot."""
EDGES = (0.05, 0.2, 0.3)
EDGE_SAMPLES, EDGE_UPDATES, EDGE_EVERY = 300, 160, 4


def measure() -> Study:
    """Run every training and measurement; takes some minutes."""
    usual = experiment_at(0.1)
    data = load_data(usual.data)
    return Study(
        trainings=[train(experiment_at(rate, epochs=EPOCHS)) for rate in RATES],
        unguarded=[run_unguarded(experiment_at(rate), data) for rate in RATES],
        squared=[run_unguarded(with_squared_error(experiment_at(rate)), data, EARLY) for rate in RATES],
        slope=loss_along_gradient(usual, data),
        edges=[
            descend(experiment_at(rate, limit=EDGE_SAMPLES, batch_size=0), EDGE_UPDATES, EDGE_EVERY)
            for rate in EDGES
        ],
    )


def read_record() -> Study:
    """Return the figures of the newest `make notes`."""
    return msgspec.json.decode(RECORD.read_bytes(), type=Study)


def render(study: Study) -> str:
    """Return the page as Markdown."""
    blocks = _blocks(study)
    places = {name: f"{{{name}}}" for name in blocks}
    text = TEXT.read_text(encoding="utf-8").format_map(_figures(study) | places)
    return "\n\n".join(_wrapped(part) for part in text.split("\n\n")).format_map(blocks)


def _wrapped(part: str) -> str:
    """Wrap a paragraph of prose; headings and lists are unchanged."""
    return part if part.startswith(("#", "- ", "1. ", "```")) or part.endswith("\n") else filled(part)


def _blocks(study: Study) -> dict[str, str]:
    """Return the plots and tables by their names in the text."""
    return {
        "curves": fenced(_curves(study.trainings)),
        "outcomes": _outcomes(study),
        "insides": _insides(study),
        "slope": fenced(_slope(study)),
        "bends": _sharpness(study),
        "edge": fenced(_edge(study.edges[0], study.edges[1])),
        "blow_up": fenced(_blow_up(study)),
        "broken": _broken(study),
        "said": _findings_of_all(study.trainings),
    }


def _figures(study: Study) -> dict[str, str]:
    """Return the single figures by their names in the text."""
    slope = study.slope
    lowest = min(range(len(slope.losses)), key=lambda i: slope.losses[i])
    back = next(rate for rate, loss in zip(slope.rates, slope.losses, strict=True) if loss > slope.start)
    by_rate = {bare.rate: bare for bare in study.unguarded}
    one, three, ten = by_rate[1.0], by_rate[3.0], by_rate[10.0]
    done = {training.rate: training for training in study.trainings}
    free, held = study.edges[0], study.edges[1]
    return {
        "epochs": str(EPOCHS),
        "updates": f"{done[0.1].steps:,}",
        "early": str(EARLY),
        "unguarded": f"{UNGUARDED:,}",
        "start": _loss(slope.start),
        "sharpness": number(slope.sharpness),
        "bound": number(2 / slope.sharpness),
        "along": number(slope.along),
        "half": number(1 / slope.along),
        "best_rate": number(slope.rates[lowest]),
        "best_loss": _loss(slope.losses[lowest]),
        "back": number(back),
        "far": _loss(slope.losses[-1]),
        "rises_one": _percent(one.rises),
        "rises_tenth": _percent(by_rate[0.1].rises),
        "worst_one": _loss(max(loss for loss in one.losses if loss is not None)),
        "dead_one": _percent(done[1.0].dead[0]),
        "test_one": _percent(done[1.0].test_accuracy, 1),
        "test_best": _percent(done[0.3].test_accuracy, 1),
        "first_three": _loss(three.first_after),
        "first_ten": _loss(ten.first_after),
        "before": _loss(ten.first_before),
        "last_three": _loss(three.last_loss),
        "last_ten": _loss(ten.last_loss),
        "weight_ten": _loss(ten.largest_weight),
        "origin_ten": done[10.0].origin,
        "free_peak": number(max(free.sharpness)),
        "free_rate": f"{free.rate:g}",
        "free_bound": number(2 / free.rate),
        "held_peak": number(max(held.sharpness)),
        "held_rate": f"{held.rate:g}",
        "held_bound": number(2 / held.rate),
        "held_until": str(_last_above(held, 2 / held.rate)),
        "edge_samples": str(EDGE_SAMPLES),
    }


def _last_above(edge: Edge, bound: float) -> int:
    """Return the last step at which the largest eigenvalue was above a bound."""
    return max(step for step, sharp in zip(edge.steps, edge.sharpness, strict=True) if sharp > bound)


def _curves(trainings: list[Training]) -> str:
    marks = {0.01: ".", 0.03: ":", 0.1: "o", 0.3: "+", 1.0: "x"}
    curves = {marks[training.rate]: training.losses for training in trainings if training.rate in marks}
    legend = "   ".join(f"{mark} {rate:g}" for rate, mark in marks.items())
    last = f"{trainings[0].steps:,} updates"
    return f"training loss, by learning rate:   {legend}\n\n" + plot(
        curves, height=16, log=True, x=("0", last)
    )


def _outcomes(study: Study) -> str:
    head = (
        "learning rate",
        "ended",
        "training loss",
        "validation",
        "test",
        "loss of its batch, first update",
    )
    rows = [
        (
            f"{training.rate:g}",
            "completed" if training.origin_step is None else f"diverged at step {training.origin_step}",
            "-" if training.train_loss is None or training.origin else f"{training.train_loss:.3f}",
            _percent(training.validation_accuracy, 1),
            _percent(training.test_accuracy, 1),
            f"{_loss(bare.first_before)} → {_loss(bare.first_after)}",
        )
        for training, bare in zip(study.trainings, study.unguarded, strict=True)
    ]
    return table(head, rows)


def _insides(study: Study) -> str:
    head = (
        "learning rate",
        "largest gradient",
        "update / weights",
        "dead, layer 0",
        "layer 1",
        "λ at the end",
        "2/η",
    )
    rows = []
    for training, bare in zip(study.trainings, study.unguarded, strict=True):
        dead = bare.dead if training.origin else training.dead
        sharp = "-" if training.origin else number(training.sharpness[-1][1])
        figures = (
            number(bare.largest_gradient),
            _percent(training.update_ratio, 2),
            *map(_percent, dead),
            sharp,
        )
        rows.append((f"{training.rate:g}", *figures, number(2 / training.rate)))
    return table(head, rows)


def _slope(study: Study) -> str:
    slope = study.slope
    level = [slope.start for _ in slope.losses]
    low, high = f"{slope.rates[0]:g}", f"learning rate {slope.rates[-1]:g}"
    drawn = plot({"·": level, "*": slope.losses}, height=14, low=1.9, high=2.8, x=(low, high))
    return f"loss after one step (*), and before it (·)\n\n{drawn}"


def _sharpness(study: Study) -> str:
    seen = [training for training in study.trainings if not training.origin]
    head = ("learning rate η", "2/η", *(f"step {step:,}" for step, _ in seen[0].sharpness))
    rows = [
        (f"{training.rate:g}", number(2 / training.rate), *(number(sharp) for _, sharp in training.sharpness))
        for training in seen
    ]
    return table(head, rows)


def _edge(free: Edge, held: Edge) -> str:
    bound = [2 / held.rate] * len(held.steps)
    drawn = plot(
        {"-": bound, ".": free.sharpness, "o": held.sharpness},
        height=12,
        low=0.0,
        x=("0", f"{held.steps[-1]} updates"),
    )
    title = (
        f"largest eigenvalue:   . rate {free.rate:g}   o rate {held.rate:g}   - its 2/η = {2 / held.rate:g}"
    )
    return f"{title}\n\n{drawn}"


def _blow_up(study: Study) -> str:
    marks = {1.0: "x", 3.0: "3", 10.0: "#"}
    curves = {marks[bare.rate]: bare.losses for bare in study.unguarded if bare.rate in marks}
    legend = "   ".join(f"{mark} {rate:g}" for rate, mark in marks.items())
    drawn = plot(curves, height=14, log=True, x=("0", f"{EARLY} updates"))
    return f"loss of each batch before its update, by learning rate:   {legend}\n\n{drawn}"


def _broken(study: Study) -> str:
    rows = [
        (
            f"{bare.rate:g}",
            " → ".join(_loss(loss) for loss in bare.losses[:5]),
            "none" if bare.first_bad is None else str(bare.first_bad),
        )
        for bare in study.squared
        if bare.rate >= 0.3
    ]
    return table(("learning rate", "loss of the first batches", "first update that is not finite"), rows)


def _loss(value: float | None) -> str:
    return "NaN" if value is None else number(value, 3)


def _findings_of_all(trainings: list[Training]) -> str:
    items = (f"- **{training.rate:g}**: {_findings(training)}" for training in trainings)
    return "\n".join(filled(item, "  ") for item in items)


def _findings(training: Training) -> str:
    roots = [finding for finding in training.findings if not finding.cause]
    if not roots:
        return "nothing."
    sentences = []
    for finding in roots:
        changes = ", ".join(f"`{key} = {value}`" for key, value in finding.remedy.items())
        sentences.append(
            f"*{finding.severity}*, {finding.code}: {finding.message}."
            + (f" Fix: {changes}." if changes else "")
        )
    symptoms = [finding.code for finding in training.findings if finding.cause]
    explained = f" It explains: {', '.join(dict.fromkeys(symptoms))}." if symptoms else ""
    return " ".join(sentences) + explained


def _percent(share: float | None, digits: int = 0) -> str:
    return "none" if share is None else f"{100 * share:.{digits}f} %"


def main() -> int:
    """Measure, record, and write the page."""
    study = measure()
    RECORD.write_bytes(msgspec.json.format(msgspec.json.encode(study), indent=1) + b"\n")
    PAGE.write_text(render(study), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
