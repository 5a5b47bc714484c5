"""Rules on single columns of a table: constant ones, values far outside, codes taken for numbers."""

from collections.abc import Iterator

from engine.doctor.column_facts import FarValue
from engine.doctor.evidence import Plan
from engine.doctor.rule import Severity, Verdict, rule
from engine.words import counted

SQUEEZED = 0.2
"""Deviation of the bulk over that of the column, below which one value decides the scale of all others."""
VERY_FAR = 100.0
"""Distance in half-widths of the bulk at which a value is harmful whatever the scaling."""
HEAVY_TAIL = 15.0
"""Width of the bulk over the distance of the quartiles: 4 for normal samples, 5 for exponential ones."""
DECIDES = 0.25
"""Squared deviation of the farthest target over the sum of all: its share of the squared error."""
_ROBUST = "Rousseeuw and Hubert 2011, Robust statistics for outlier detection"


@rule("constant-input", Plan, "Guyon and Elisseeff 2003, An introduction to variable and feature selection")
def constant_input(plan: Plan) -> Iterator[Verdict]:
    """Report columns with a single value; a network that sees the same sample always learns only a constant."""
    if plan.facts is None or not plan.facts.columns.constant:
        return
    constant, columns = plan.facts.columns.constant, plan.facts.columns.columns
    if len(constant) == columns:
        yield Verdict(
            severity="error",
            message="all training samples have the same inputs: whatever the network learns is one constant output; "
            "look at how the file was made (a division of whole numbers, a wrong column)",
            evidence={"constant": columns, "columns": columns},
        )
    elif plan.info.kind != "images":
        named = ", ".join(map(str, constant[:5])) + (", ..." if len(constant) > 5 else "")
        yield Verdict(
            severity="info",
            message=f"{counted(len(constant), 'input column')} of {columns} "
            f"{'has' if len(constant) == 1 else 'have'} the same value in all training samples: "
            f"{'column' if len(constant) == 1 else 'columns'} {named}",
            evidence={"constant": len(constant), "columns": columns},
        )


@rule("outlier-input", Plan, _ROBUST)
def outlier_input(plan: Plan) -> Iterator[Verdict]:
    """Report an input value so far outside that the scaling, or the steps, follow it instead of the other samples."""
    far = plan.facts.columns.far if plan.facts else ()
    if not far:
        return
    worst = far[0]
    others = f"; {counted(len(far) - 1, 'other column')} likewise" if len(far) > 1 else ""
    yield Verdict(
        severity=_severity(worst),
        message=f"input column {worst.column} {_described(worst)}{others}",
        evidence=_evidence(worst),
    )


@rule("outlier-target", Plan, _ROBUST)
def outlier_target(plan: Plan) -> Iterator[Verdict]:
    """Report a target so far outside that most of the squared error is its own."""
    far, facts = plan.facts.columns.far_target if plan.facts else None, plan.facts
    if far is None or facts is None or not facts.target_deviations:
        return
    deviation = facts.target_deviations[far.column] or 1.0
    share = min(1.0, ((far.value - far.median) / deviation) ** 2 / facts.train)
    decides = (
        f"; it makes {100 * share:.3g} % of the squared error of a constant prediction"
        if share > DECIDES
        else ""
    )
    column = f"target column {far.column}" if len(facts.target_deviations) > 1 else "the target"
    yield Verdict(
        severity="warning" if share > DECIDES else _severity(far),
        message=f"{column} {_described(far)}{decides}",
        evidence={**_evidence(far), "share": share},
    )


@rule("categorical-input", Plan, "Hastie, Tibshirani, Friedman 2009, section 9.2.4, categorical predictors")
def categorical_input(plan: Plan) -> Iterator[Verdict]:
    """Report whole numbers that stand for categories: a network reads them as sizes."""
    code = plan.facts.columns.coded if plan.facts else None
    if code is not None:
        yield Verdict(
            severity="warning",
            message=f"input column {code.column} holds {code.distinct} whole numbers that look like codes: as "
            f"codes they explain {100 * code.explained:.3g} % of the target's variance, by size "
            f"{100 * code.by_size:.3g} %; give each code a column of its own (one-hot)",
            evidence={
                "column": code.column,
                "distinct": code.distinct,
                "explained": code.explained,
                "by_size": code.by_size,
            },
        )


def _severity(far: FarValue) -> Severity:
    return "warning" if far.repeated or far.squeezed < SQUEEZED or far.distance > VERY_FAR else "info"


def _described(far: FarValue) -> str:
    """Return what is unusual about a column and what to do, in words."""
    bulk = f"{far.low:.3g} to {far.high:.3g}"
    if far.repeated:
        return (
            f"has the value {far.value:.6g} in {counted(far.count, 'sample')}, all others range from {bulk}: if it "
            "stands for a missing value, replace it"
        )
    if far.high - far.low > HEAVY_TAIL * far.quartiles > 0:
        return (
            f"has a heavy tail: the middle half of its values spans {far.quartiles:.3g}, the farthest is "
            f"{far.value:.6g}; use its logarithm"
        )
    return (
        f"has {'a value' if far.count == 1 else f'{far.count} values'} far outside, {far.value:.6g}, where others range "
        f"from {bulk}: correct, clip or remove {'it' if far.count == 1 else 'them'}"
    )


def _evidence(far: FarValue) -> dict[str, object]:
    return {
        "column": far.column,
        "value": far.value,
        "median": far.median,
        "low": far.low,
        "high": far.high,
        "count": far.count,
        "distance": far.distance,
        "usual": far.limit,
    }
