"""A new rule is one file: everything else works without an edit."""

from engine.doctor import PRECEDENCE, arrange, diagnose, explain
from engine.doctor.explanations import UNEXPLAINED
from engine.doctor.rule import all_rules
from tests.engine.doctor.cases import experiment, plan, watch
from tests.toys.registering import rule_files

CODE = "single-epoch"


def test_the_rule_is_found_and_its_finding_ranks_after_the_known_ones() -> None:
    given = plan(experiment(activation="linear", epochs=1))
    with rule_files():
        findings = arrange(diagnose(given))
    assert [(finding.code, finding.cause) for finding in findings] == [("linear-stack", ""), (CODE, "")]
    assert findings[1].remedy == {"training.epochs": 10}
    assert findings[1].reference
    assert CODE not in PRECEDENCE
    assert explain(CODE) == UNEXPLAINED
    assert CODE not in {rule.code for rule in all_rules()}


def test_a_training_reports_its_finding_once() -> None:
    with rule_files():
        codes = [getattr(event, "code", "") for event in watch(experiment(epochs=1))]
    assert codes.count(CODE) == 1
