"""`nnterm diagnose RUN --apply CODE`: applies the suggested fix of a finding."""

from typing import TYPE_CHECKING

from engine.errors import NntermError, did_you_mean
from tui.cli import output

if TYPE_CHECKING:
    from engine.events import Finding
    from engine.runs import Run


def apply_fix(run: "Run", findings: "list[Finding]", code: str, as_json: bool) -> int:
    """Write what the suggested fix of a finding changes in `run`, and apply it.

    Raises:
        NntermError: `run` has no such finding, or its fix cannot be applied.
        RunError: the new run cannot be created.
    """
    from engine.runs.remedy import carry_out, plan_remedy, with_code

    finding = with_code(findings, code)
    if finding is None:
        raise _unknown(run, findings, code)
    plan = plan_remedy(run, finding)
    if plan.refused:
        raise NntermError(f"{code} of {run.name}: {plan.refused}", f"see nnterm diagnose {run.name}")
    if not as_json:
        output.line(f"{code}: {plan.sentence}")
    name = carry_out(run, plan)
    if as_json:
        changed = {"kind": plan.kind, "changes": plan.changes, "at": plan.at, "sentence": plan.sentence}
        output.json_line({"type": "remedy", "code": code, **changed, "run": name or run.name})
    elif name is not None:
        output.line(f"{name} trains in the background; to watch it: nnterm attach {name}")
    return output.ExitCode.DONE


def _unknown(run: "Run", findings: "list[Finding]", code: str) -> NntermError:
    """Return the error for a code that no finding has."""
    codes = list(dict.fromkeys(finding.code for finding in findings if finding.remedy))
    hint = did_you_mean(code, codes) if codes else "nothing that was found has a remedy that is a setting"
    return NntermError(f'--apply: {run.name} has no finding "{code}"', hint)
