"""``python -m ctcollect``: the same as the command ``ctcollect``."""

from ctcollect.cli import main

main()
