"""The doctor: rules that turn evidence on a training into findings, each with a suggested fix."""

from engine.doctor.diagnosis import diagnose
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
    "diagnose",
    "explain",
]
