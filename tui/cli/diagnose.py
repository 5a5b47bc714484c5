"""`nnterm diagnose`: findings about an experiment or a run, with evidence and suggested fixes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from engine.errors import NntermError, did_you_mean
from tui.cli import output
from tui.cli.experiment_file import STDIN
from tui.cli.finding_lines import STYLES, set_line
from tui.cli.option_groups import with_option_groups
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from, refuse_options
from tui.follow.run_findings import MARKS

if TYPE_CHECKING:
    from engine.events import Finding


@with_option_groups(options=ExperimentOptions)
def diagnose(
    options: ExperimentOptions,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="This run; needed where a file is called like it.")
    ] = None,
    overfit: Annotated[
        bool, typer.Option("--overfit", help="Also try to overfit 16 samples, which may take seconds.")
    ] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="CODE", help="Explain a finding, and do nothing else.")
    ] = None,
    apply: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Apply the suggested fix of this finding to a run: change the run, or start a new one.",
        ),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Find problems of an experiment or a run, with suggested fixes.

    Of an experiment: what can be known before training, and from its first pass. Of a run: all that its events,
    its checkpoints and its newest weights show. Exit 0 where nothing is found of severity error, 1 where something is,
    2 where the input is wrong.
    """
    flags = ["overfit"] if overfit else []
    if explain is not None:
        if run is not None or apply is not None:
            raise NntermError(
                f"--{'run' if run else 'apply'} is incompatible with --explain",
                "it explains a code, not a run",
            )
        refuse_options(options, "--explain", "it explains a code, not a run", more=flags)
        return _explain(explain, json)
    name = run or _run_name(options, home)
    if name is not None:
        allowed = () if run is not None else ("file",)
        refuse_options(options, "a run", "a run is examined as it is", allowed=allowed, more=flags)
        findings = _diagnose_run(name, home)
        if apply is not None:
            return _apply_fix(name, findings, apply, json, home)
    else:
        if apply is not None:
            raise NntermError("--apply needs a run", "change the keys of an experiment with --set")
        findings = _diagnose_experiment(options, overfit)
    if json:
        for finding in findings:
            output.json_line(finding)
    else:
        show_findings(findings, name is not None)
    return output.ExitCode.NO if any(f.severity == "error" for f in findings) else output.ExitCode.DONE


def _run_name(options: ExperimentOptions, home: Path | None) -> str | None:
    """Return the run that the positional argument names; None if it names a file."""
    from engine.runs import runs_folder

    file = options.file
    if file is None or file == STDIN or file.suffix == ".toml" or file.exists() or len(file.parts) != 1:
        return None
    return str(file) if (runs_folder(home) / file).is_dir() or not file.suffix else None


def _explain(code: str, json: bool) -> int:
    """Write the cause of findings with this code, and the sources of its rules."""
    from engine.doctor.explanations import explain
    from engine.doctor.rule import all_rules

    known = {rule.code for rule in all_rules()}
    if code not in known:
        raise NntermError(f'--explain: "{code}" is not the code of a finding', did_you_mean(code, known))
    references = list(dict.fromkeys(rule.reference for rule in all_rules() if rule.code == code))
    if json:
        output.json_line(
            {"type": "explanation", "code": code, "text": explain(code), "references": references}
        )
        return output.ExitCode.DONE
    output.line(code)
    for paragraph in explain(code).split("\n\n"):
        output.line()
        _indented(paragraph, 2)
    output.line()
    for reference in references:
        _indented(f"source:   {reference}", 2, "dim")
    return output.ExitCode.DONE


def _diagnose_experiment(options: ExperimentOptions, overfit: bool) -> "list[Finding]":
    from engine.doctor.report import diagnose_experiment

    return diagnose_experiment(experiment_from(replace(options, force=True)), overfit=overfit)


def _apply_fix(name: str, findings: "list[Finding]", code: str, as_json: bool, home: Path | None) -> int:
    """Write what the suggested fix of a finding changes in a run, and apply it.

    Raises:
        NntermError: the run has no such finding, or its fix cannot be applied.
        RunError: the new run cannot be created.
    """
    from engine.runs import Run
    from engine.runs.remedy import carry_out, plan_remedy, with_code

    run = Run.open(name, home)
    finding = with_code(findings, code)
    if finding is None:
        raise _no_such_finding(run.name, findings, code)
    plan = plan_remedy(run, finding)
    if plan.refused:
        raise NntermError(f"{code} of {run.name}: {plan.refused}", f"see nnterm diagnose {run.name}")
    if not as_json:
        output.line(f"{code}: {plan.sentence}: {plan.words}")
    started = carry_out(run, plan)
    if as_json:
        changed = {"kind": plan.kind, "changes": plan.changes, "at": plan.at, "sentence": plan.sentence}
        output.json_line({"type": "remedy", "code": code, **changed, "run": started or run.name})
    elif started is not None:
        output.line(f"{started} is training in the background; follow it with: nnterm attach {started}")
    return output.ExitCode.DONE


def _no_such_finding(name: str, findings: "list[Finding]", code: str) -> NntermError:
    """Return the error for a code that no finding has."""
    codes = list(dict.fromkeys(finding.code for finding in findings if finding.remedy))
    hint = did_you_mean(code, codes) if codes else "none of its findings has an automatic fix"
    return NntermError(f'--apply: {name} has no finding "{code}"', hint)


def _diagnose_run(name: str, home: Path | None) -> "list[Finding]":
    from engine.runs import Run
    from engine.runs.diagnosis import diagnose_run

    return diagnose_run(Run.open(name, home))


def show_findings(findings: "list[Finding]", of_run: bool) -> None:
    """Write findings as text: each cause with its evidence and suggested fix, then the symptoms that it explains."""
    if not findings:
        output.line(
            "no findings: " + ("this run is healthy" if of_run else "nothing speaks against this experiment")
        )
        return
    roots = [finding for finding in findings if not finding.cause]
    for position, root in enumerate(roots):
        if position:
            output.line()
        _show(
            root,
            [finding for finding in findings if finding.cause == root.code and finding is not root],
            findings,
        )


def _show(root: "Finding", symptoms: "list[Finding]", findings: "list[Finding]") -> None:
    from rich.text import Text

    head = Text(f"{MARKS[root.severity]} {root.severity}: {root.code}", STYLES[root.severity])
    head.append(f"  {root.layer}" if root.layer else "", "default")
    output.show(head)
    _indented(_sentence(root.message), 2)
    if root.remedy:
        output.line(f"  fix:      {set_line(root.remedy)}")  # unwrapped, so that it can be copied
    _indented(f"source:   {root.reference}", 2, "dim")
    output.show(Text(f"  why:      nnterm diagnose --explain {root.code}", "dim"))
    for symptom in symptoms:
        _indented(f"explains {symptom.code}: {_sentence(symptom.message)}", 2, "dim")
        for further in (finding for finding in findings if finding.cause == symptom.code != finding.code):
            _indented(f"which explains {further.code}: {_sentence(further.message)}", 4, "dim")


def _indented(text: str, columns: int, style: str = "") -> None:
    """Write a text whose wrapped lines keep the indent."""
    from rich.padding import Padding
    from rich.text import Text

    output.show(Padding(Text(text, style), (0, 0, 0, columns), expand=False))


def _sentence(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."
