"""Whether a notebook is being run for export: what it shows must then live without a kernel."""

import os

SWITCH = "FMSPACE_NB_FROZEN"


def is_frozen() -> bool:
    """Whether notebooks are being run for export: explorers then hold their pictures instead of asking a kernel."""
    return os.environ.get(SWITCH, "") not in ("", "0")
