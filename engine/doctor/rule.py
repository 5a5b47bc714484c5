"""The registry of rules: pure functions from evidence to verdicts, each under the code of its finding."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import msgspec

from engine.doctor.evidence import Course, Plan, Result, Start

Severity = Literal["info", "warning", "error"]
E = TypeVar("E", Plan, Start, Course, Result)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A finding without its code, which is the rule's."""

    severity: Severity
    message: str
    """One sentence with the numbers, without a full stop."""
    layer: str | None = None
    evidence: dict[str, Any] = {}
    remedy: dict[str, Any] = {}


@dataclass(frozen=True)
class Rule(Generic[E]):
    """A rule and the type of evidence that it takes."""

    code: str
    evidence: type[E]
    reference: str
    check: Callable[[E], Iterable[Verdict]]


Check = TypeVar("Check", bound=Callable[..., Iterable[Verdict]])
_RULES: list[Rule[Any]] = []


def rule(code: str, evidence: type[E], reference: str) -> Callable[[Check], Check]:
    """Register the decorated function as a rule that reports `code`.

    Args:
        code: of the findings, in kebab case; several rules may share one.
        evidence: the type of evidence that the function takes.
        reference: the publication that the rule follows.
    """

    def register(check: Check) -> Check:
        _RULES.append(Rule(code, evidence, reference, check))
        return check

    return register


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """Return every rule of `engine.doctor.rules`.

    A new rule is a new file in that folder. Its code may also get an explanation in `explanations.py` and a place in
    `precedence.py`; without them the finding has a plain sentence instead and ranks last.
    """
    from engine.doctor import rules

    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return tuple(_RULES)


def rules_for(kind: type[Any]) -> tuple[Rule[Any], ...]:
    """Return the rules for a type of evidence."""
    return tuple(rule for rule in all_rules() if rule.evidence is kind)
