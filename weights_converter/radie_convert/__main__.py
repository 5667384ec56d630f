"""Runs the `radie-convert` command: `python -m radie_convert`."""

import sys

from radie_convert.cli import main

sys.exit(main())
