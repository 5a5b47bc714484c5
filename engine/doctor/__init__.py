"""The doctor: rules that turn evidence on a training into findings, each with its remedy."""

from engine.doctor.diagnose import judge
from engine.doctor.evidence import Course, Plan, Result, Start
from engine.doctor.explanations import EXPLANATIONS, explain
from engine.doctor.live import Doctor
from engine.doctor.precedence import PRECEDENCE, arrange

__all__ = [
    "EXPLANATIONS",
    "PRECEDENCE",
    "Course",
    "Doctor",
    "Plan",
    "Result",
    "Start",
    "arrange",
    "explain",
    "judge",
]
