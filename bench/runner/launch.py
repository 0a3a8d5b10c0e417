"""python -I -S launch.py PEAK_FILE COMMAND…: runs it and writes the KiB that the largest process below held at most.

A process of its own, because a child's peak begins with what its parent holds.
"""

import resource
import subprocess
import sys
from pathlib import Path

status = subprocess.run(sys.argv[2:], check=False).returncode
Path(sys.argv[1]).write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss), encoding="ascii")
sys.exit(status)
