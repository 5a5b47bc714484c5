"""`nnterm completion`: prints the script that makes a shell complete `nnterm`."""

from typing import Annotated

import typer

from tui.cli import output
from tui.cli.choices import checked
from tui.cli.completion.scripts import SCRIPTS
from tui.cli.values import takes


def completion(
    shell: Annotated[
        str, typer.Argument(metavar="SHELL", autocompletion=takes("shells"), help="The shell: {shells}.")
    ],
) -> int:
    """Print the script that completes commands, options, runs and keys in your shell.

    Add the line of your shell to its start-up file, ~/.bashrc, ~/.zshrc (after compinit) or
    ~/.config/fish/config.fish.

    Examples:
        eval "$(nnterm completion bash)"
        source <(nnterm completion zsh)
        nnterm completion fish | source
    """
    script = SCRIPTS[checked("SHELL", shell, "shells")]
    output.line(script.rstrip("\n"))
    return output.ExitCode.DONE
