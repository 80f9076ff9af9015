"""The export as tests call it: by the function, without its progress, and by the command line."""

import subprocess
import sys

from fmspace_nb.publish.site import export


def export_quietly(*names, out, **options):
    return export(list(map(str, names)), out, progress=False, **options)


def command(*arguments, **options):
    said = [sys.executable, "-m", "fmspace_nb", *map(str, arguments)]
    return subprocess.run(said, capture_output=True, text=True, check=False, **options)
