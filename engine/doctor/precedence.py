"""Causes and symptoms among findings: the order of causes, and the symptoms that each one explains."""

from collections.abc import Iterable

from msgspec.structs import replace

from engine.events import Finding

PRECEDENCE = (
    "output-loss-mismatch",
    "class-count",
    "nan-in-data",
    "constant-input",
    "zero-init",
    "symmetric-init",
    "init-scale",
    "linear-stack",
    "step-activation",
    "outlier-input",
    "outlier-target",
    "unscaled-input",
    "unscaled-target",
    "categorical-input",
    "held-out-differs",
    "imbalanced",
    "leakage",
    "validation-better",
    "batch-too-large",
    "batchnorm-batch",
    "nan",
    "exploding-gradients",
    "dead-relu",
    "saturated",
    "vanishing-gradients",
    "learning-rate-high",
    "no-signal",
    "schedule",
    "clip",
    "patience",
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
"""Codes from the most to the least fundamental, after AutoTrainer (Zhang et al., ICSE 2021), section 3.3. A code that is
not in this list ranks last."""

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
    "constant-input": _BADLY_LEARNED
    | _UNITS
    | _RATES
    | {"initial-loss", "leakage", "unscaled-input", "no-signal"},
    "outlier-input": _BADLY_LEARNED
    | _NUMBERS
    | _UNITS
    | _RATES
    | {"unscaled-input", "initial-loss", "held-out-differs", "overfitting"},
    "outlier-target": _BADLY_LEARNED
    | _NUMBERS
    | _UNITS
    | _RATES
    | {"unscaled-target", "initial-loss", "held-out-differs", "overfitting"},
    "categorical-input": frozenset({"underfitting", "plateau", "overfitting", "too-short"}),
    "held-out-differs": frozenset(
        {"never-predicted", "overconfident", "validation-better", "overfitting", "no-signal"}
    ),
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
    "batchnorm-batch": _BADLY_LEARNED | {"overfitting", "update-ratio"},
    "schedule": _BADLY_LEARNED | {"learning-rate-low", "update-ratio", "patience"},
    "clip": _BADLY_LEARNED | {"learning-rate-low", "update-ratio", "patience"},
    "patience": _BADLY_LEARNED | {"learning-rate-low", "update-ratio"},
    "no-signal": frozenset(
        {"patience", "plateau", "underfitting", "overfitting", "too-long", "overconfident", "never-predicted"}
    ),
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
"""The symptoms that each cause explains; a code without an entry explains none."""
OUT_OF_RANGE, CAUSED_BY_RATE = "learning-rate-high", _NUMBERS | _UNITS
"""Symptoms explained by a learning rate that is out of range before the first step, if they arise after that step."""

_SEVERITIES = {"error": 0, "warning": 1, "info": 2}


def arrange(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, once per code and layer, with causes before their symptoms.

    A symptom's `cause` is the code of the most fundamental finding that explains it and has at least severity warning.
    Root causes come first, ordered by the highest severity among them and their symptoms, then by `PRECEDENCE`.
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
    """Return the most severe finding of each code and layer, with the step at which the first one arose."""
    gravest: dict[tuple[str, str | None], Finding] = {}
    for finding in findings:
        before = gravest.get((finding.code, finding.layer))
        if before is None or _SEVERITIES[finding.severity] < _SEVERITIES[before.severity]:
            step = finding.step if before is None else before.step
            gravest[finding.code, finding.layer] = replace(finding, step=step)
    return list(gravest.values())


def _without_parts(findings: list[Finding]) -> list[Finding]:
    """Drop findings on a single layer that a finding of the same code on several layers includes."""
    joint = {
        (finding.code, name)
        for finding in findings
        for name in finding.evidence.get("layers", ())
        if name != finding.layer
    }
    return [
        finding
        for finding in findings
        if "layers" in finding.evidence or (finding.code, finding.layer) not in joint
    ]


def _one_root_a_code(findings: list[Finding]) -> list[Finding]:
    """Make the most severe layer the root of a code that several layers have; the other layers become its symptoms."""
    ordered = sorted(findings, key=lambda finding: _SEVERITIES[finding.severity])
    first = {finding.code: finding for finding in reversed(ordered) if not finding.cause}
    return [
        finding if finding.cause or first[finding.code] is finding else replace(finding, cause=finding.code)
        for finding in findings
    ]


def cause_of(finding: Finding, others: Iterable[Finding]) -> str:
    """Return the code among `others` that explains a finding, "" if none does.

    A learning rate that is out of range before the first step is never a symptom.
    """
    if finding.code in _RATES and finding.step == 0:
        return ""
    causes = [other for other in others if other.severity != "info" and _explains(other, finding)]
    return min(causes, key=_rank).code if causes else ""


def _explains(cause: Finding, finding: Finding) -> bool:
    if (cause.code, finding.code) == ("underfitting", "plateau"):
        return bool(cause.remedy)  # it names the limit that keeps the loss flat
    if (cause.code, finding.code) == ("plateau", "underfitting"):
        return not finding.remedy
    if (cause.code, finding.code) == ("outlier-input", "initial-loss") and finding.evidence.get(
        "targets_around"
    ):
        return False  # it is the targets that are far
    caused_by_rate = _is_out_of_range(cause) and finding.step > 0 and finding.code in CAUSED_BY_RATE
    return caused_by_rate or finding.code in EXPLAINS.get(cause.code, frozenset())


def _is_out_of_range(finding: Finding) -> bool:
    return finding.code == OUT_OF_RANGE and finding.step == 0


def _rank(finding: Finding) -> float:
    """Return the rank in `PRECEDENCE`; a rate that is out of range from the start ranks before the symptoms it causes."""
    if _is_out_of_range(finding):
        return min(PRECEDENCE.index(code) for code in CAUSED_BY_RATE) - 0.5
    return PRECEDENCE.index(finding.code) if finding.code in PRECEDENCE else len(PRECEDENCE)
