"""The Chromium that browser tests drive: the one that tests/tools/chromium finds."""

import subprocess
from pathlib import Path


def chromium() -> str:
    """Where it is. Raises RuntimeError when there is none."""
    done = subprocess.run([Path(__file__).with_name("chromium"), "find"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.strip()
