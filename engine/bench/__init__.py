"""The side-by-side benchmark: the engine's training loop against what else people use."""

from engine.bench.cases import CASES, Case
from engine.bench.run import RIVALS, BenchRow, SkippedRow, run_bench

__all__ = ["CASES", "RIVALS", "BenchRow", "Case", "SkippedRow", "run_bench"]
