"""Parts of the scripts of tests/parity, which tools/test.sh runs as checks; it runs nothing here.

Once this package is imported, so can be the modules of tests/golden, and transformers logs no more
than errors.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "golden"))
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
