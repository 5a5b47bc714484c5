"""Gradients proven: the network's own against finite differences, and against PyTorch where it is asked."""

from engine.gradcheck.checker import check_gradients
from engine.gradcheck.report import Fault, ParameterReport, Report

__all__ = ["Fault", "ParameterReport", "Report", "check_gradients"]
