"""Which finding explains which: one root cause first, its symptoms after it."""

from collections.abc import Iterable

from msgspec.structs import replace

from engine.events import Finding

PRECEDENCE = (
    "output-loss-mismatch",
    "class-count",
    "nan-in-data",
    "zero-init",
    "symmetric-init",
    "init-scale",
    "linear-stack",
    "step-activation",
    "unscaled-input",
    "unscaled-target",
    "imbalanced",
    "leakage",
    "validation-better",
    "batch-too-large",
    "nan",
    "exploding-gradients",
    "dead-relu",
    "saturated",
    "vanishing-gradients",
    "learning-rate-high",
    "learning-rate-low",
    "update-ratio",
    "initial-loss",
    "cannot-overfit-batch",
    "plateau",
    "underfitting",
    "overfitting",
    "too-short",
    "too-long",
    "never-predicted",
    "overconfident",
)
"""Codes, the more fundamental first; after AutoTrainer (Zhang et al., ICSE 2021), section 3.3."""

_BADLY_LEARNED = frozenset(
    {
        "plateau",
        "underfitting",
        "never-predicted",
        "too-short",
        "too-long",
        "cannot-overfit-batch",
        "overconfident",
    }
)
_NUMBERS = frozenset({"nan", "exploding-gradients"})
_UNITS = frozenset({"dead-relu", "saturated", "vanishing-gradients"})
_RATES = frozenset({"learning-rate-high", "learning-rate-low", "update-ratio"})

EXPLAINS: dict[str, frozenset[str]] = {
    "output-loss-mismatch": _BADLY_LEARNED | _NUMBERS | _UNITS | _RATES | {"initial-loss"},
    "class-count": frozenset({"initial-loss", "never-predicted"}),
    "nan-in-data": _NUMBERS,
    "zero-init": _BADLY_LEARNED | _UNITS | _RATES | {"symmetric-init", "initial-loss"},
    "symmetric-init": _BADLY_LEARNED | _UNITS | _RATES | {"initial-loss", "init-scale"},
    "init-scale": _BADLY_LEARNED | _NUMBERS | _UNITS | _RATES | {"initial-loss", "overfitting"},
    "linear-stack": _BADLY_LEARNED,
    "step-activation": _BADLY_LEARNED | _UNITS | _RATES,
    "unscaled-input": _BADLY_LEARNED | _NUMBERS | _UNITS | _RATES | {"initial-loss"},
    "unscaled-target": _BADLY_LEARNED | _NUMBERS | _UNITS | _RATES | {"initial-loss"},
    "imbalanced": frozenset({"never-predicted", "overconfident"}),
    "leakage": frozenset({"validation-better"}),
    "batch-too-large": _BADLY_LEARNED | {"learning-rate-low"},
    "nan": _BADLY_LEARNED | _UNITS | _RATES | {"exploding-gradients"},
    "exploding-gradients": _BADLY_LEARNED | _UNITS | _RATES,
    "dead-relu": _BADLY_LEARNED | {"vanishing-gradients", "update-ratio"},
    "saturated": _BADLY_LEARNED | {"vanishing-gradients", "update-ratio"},
    "vanishing-gradients": _BADLY_LEARNED | {"update-ratio", "learning-rate-low"},
    "learning-rate-high": _BADLY_LEARNED | {"update-ratio"},
    "learning-rate-low": _BADLY_LEARNED | {"update-ratio"},
    "plateau": frozenset({"underfitting", "never-predicted", "too-long", "overconfident"}),
    "underfitting": frozenset({"never-predicted", "too-long", "overconfident"}),
    "overfitting": frozenset({"overconfident", "too-long"}),
    "too-short": frozenset({"never-predicted", "overconfident"}),
}
"""The symptoms that each cause explains."""
OUT_OF_RANGE, THROWN = "learning-rate-high", _NUMBERS | _UNITS
"""A rate that is out of any usual range before the first step explains these too, where they come after that step."""

_SEVERITIES = {"error": 0, "warning": 1, "info": 2}


def arrange(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, each once per code and layer, with causes before their symptoms.

    A symptom says its `cause`: the most fundamental finding, at least of severity warning, that explains it. Roots
    come first, the gravest (their symptoms counted in) before the others, the more fundamental before the less.
    """
    unique = _without_parts(_without_repeats(findings))
    named = [replace(finding, cause=cause_of(finding, unique)) for finding in unique]
    named = _one_root_a_code(named)
    roots = [finding for finding in named if not finding.cause]
    gravest = {
        root.code: min(_SEVERITIES[f.severity] for f in named if root.code in (f.code, f.cause))
        for root in roots
    }
    roots.sort(key=lambda root: (gravest[root.code], _rank(root), _SEVERITIES[root.severity]))
    symptoms = sorted((f for f in named if f.cause), key=lambda f: (_SEVERITIES[f.severity], _rank(f)))
    return [*roots, *symptoms]


def _without_repeats(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest of each code and layer, the first of those, with the step at which it arose."""
    kept: dict[tuple[str, str | None], Finding] = {}
    for finding in findings:
        before = kept.get((finding.code, finding.layer))
        if before is None or _SEVERITIES[finding.severity] < _SEVERITIES[before.severity]:
            step = finding.step if before is None else before.step
            kept[finding.code, finding.layer] = replace(finding, step=step)
    return list(kept.values())


def _without_parts(findings: list[Finding]) -> list[Finding]:
    """A finding on several layers stands for those of its code on one of them alone."""
    together = {
        (finding.code, name)
        for finding in findings
        for name in finding.evidence.get("layers", ())
        if name != finding.layer
    }
    return [
        finding
        for finding in findings
        if "layers" in finding.evidence or (finding.code, finding.layer) not in together
    ]


def _one_root_a_code(findings: list[Finding]) -> list[Finding]:
    """The first and gravest layer speaks for a code that was found in several; the others are its symptoms."""
    ordered = sorted(findings, key=lambda finding: _SEVERITIES[finding.severity])
    first = {finding.code: finding for finding in reversed(ordered) if not finding.cause}
    return [
        finding if finding.cause or first[finding.code] is finding else replace(finding, cause=finding.code)
        for finding in findings
    ]


def cause_of(finding: Finding, others: Iterable[Finding]) -> str:
    """Return the code among `others` that explains a finding, else an empty text.

    A rate that is out of range before the first step is nobody's symptom.
    """
    if finding.code in _RATES and finding.step == 0:
        return ""
    causes = [other for other in others if other.severity != "info" and _explains(other, finding)]
    return min(causes, key=_rank).code if causes else ""


def _explains(cause: Finding, finding: Finding) -> bool:
    thrown = _is_out_of_range(cause) and finding.step > 0 and finding.code in THROWN
    return thrown or finding.code in EXPLAINS.get(cause.code, frozenset())


def _is_out_of_range(finding: Finding) -> bool:
    return finding.code == OUT_OF_RANGE and finding.step == 0


def _rank(finding: Finding) -> float:
    """The place in the precedence; a rate that is out of range from the start stands before all that it throws."""
    if _is_out_of_range(finding):
        return min(PRECEDENCE.index(code) for code in THROWN) - 0.5
    return PRECEDENCE.index(finding.code) if finding.code in PRECEDENCE else len(PRECEDENCE)
