"""`nnterm diagnose RUN --apply CODE`: the remedy of a finding, carried out."""

from typing import TYPE_CHECKING

from engine.errors import NntermError, did_you_mean
from tui.cli import output

if TYPE_CHECKING:
    from engine.events import Finding
    from engine.runs import Run


def apply_fix(run: "Run", findings: "list[Finding]", code: str, as_json: bool) -> int:
    """Say what the remedy of a finding means for `run`, and do it.

    Raises:
        NntermError: there is no such finding, or it has no remedy that can be carried out.
        RunError: the new run cannot be made.
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
    """The error where nothing of that code was found."""
    codes = list(dict.fromkeys(finding.code for finding in findings if finding.remedy))
    hint = did_you_mean(code, codes) if codes else "nothing that was found has a remedy that is a setting"
    return NntermError(f'--apply: {run.name} has no finding "{code}"', hint)
