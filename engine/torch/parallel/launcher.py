"""torchrun for the processes of one machine: `python -m engine.torch.parallel.launcher --nproc-per-node=N -m MODULE ...`.

torchrun's own meeting place is a TCP port that the whole network can reach, and it unpickles what is put there. Here the
processes meet by files in a folder that only this user can open, which goes with them.
"""

import os
import sys
import tempfile
from collections.abc import Sequence

MEETING_VARIABLE = "NNTERM_MEETING"
"""Environment variable with the file by which the processes find each other; without it they use torchrun's port."""


def main(arguments: Sequence[str]) -> None:
    """Run torchrun with `arguments`, and return when its processes have ended."""
    from torch.distributed.run import main as torchrun

    with tempfile.TemporaryDirectory(prefix="nnterm-") as folder:
        os.environ[MEETING_VARIABLE] = f"{folder}/processes"
        os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"  # else torchrun opens a port for the processes
        meeting = ["--rdzv-backend=c10d", f"--rdzv-endpoint={folder}/torchrun", "--rdzv-conf=store_type=file"]
        torchrun(["--nnodes=1", "--rdzv-id=nnterm", *meeting, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
