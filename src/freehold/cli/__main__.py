"""`python -m freehold.cli`: the command line without the installed script."""

from freehold.cli.application import main

main()
