"""What a rule is: a pure function from evidence to verdicts, registered under the code of its finding."""

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
    """What a rule says: a finding without its code, which is the rule's."""

    severity: Severity
    message: str
    """One sentence with the numbers, without a full stop."""
    layer: str | None = None
    evidence: dict[str, Any] = {}
    remedy: dict[str, Any] = {}


@dataclass(frozen=True)
class Rule(Generic[E]):
    """A rule with the kind of evidence that it judges."""

    code: str
    judges: type[E]
    reference: str
    judge: Callable[[E], Iterable[Verdict]]


Judge = TypeVar("Judge", bound=Callable[..., Iterable[Verdict]])
_RULES: list[Rule[Any]] = []


def rule(code: str, judges: type[E], reference: str) -> Callable[[Judge], Judge]:
    """Register a function as the rule that finds `code` in evidence of a kind."""

    def register(judge: Judge) -> Judge:
        _RULES.append(Rule(code, judges, reference, judge))
        return judge

    return register


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """Return every rule of `engine.doctor.rules`; a new one is a new file there."""
    from engine.doctor import rules

    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return tuple(_RULES)


def rules_for(kind: type[Any]) -> tuple[Rule[Any], ...]:
    """Return the rules that judge a kind of evidence."""
    return tuple(rule for rule in all_rules() if rule.judges is kind)
