"""Lets `python3 -m devstack` run the command line."""

import sys

from devstack.cli import main

sys.exit(main(sys.argv[1:]))
