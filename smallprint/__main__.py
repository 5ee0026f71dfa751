"""`python -m smallprint` is `smallprint`."""

from smallprint.cli import main

main()
