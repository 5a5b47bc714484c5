"""The trajectory check: our training and PyTorch's side by side, with the same initial parameters and batches."""

from engine.torch.trajectory.check import check_trajectory, trajectory
from engine.torch.trajectory.events import TrajectoryEvent, TrajectoryReport

__all__ = ["TrajectoryEvent", "TrajectoryReport", "check_trajectory", "trajectory"]
