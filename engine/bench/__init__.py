"""The side-by-side benchmark: the engine's training loop against other libraries."""

from engine.bench.cases import CASES, BenchCase
from engine.bench.run import RIVALS, BenchRow, SkippedRow, run_bench

__all__ = ["CASES", "RIVALS", "BenchCase", "BenchRow", "SkippedRow", "run_bench"]
