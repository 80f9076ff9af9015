"""The export as tests call it: by the function, without its progress, and by the command line."""

import contextlib
import io
import subprocess
import sys
from types import SimpleNamespace

from fmspace_nb.__main__ import main
from fmspace_nb.publish.site import export


def export_quietly(*names, out, **options):
    return export(list(map(str, names)), out, progress=False, **options)


def command(*arguments, **options):
    said = [sys.executable, "-m", "fmspace_nb", *map(str, arguments)]
    return subprocess.run(said, capture_output=True, text=True, check=False, **options)


def command_here(*arguments):
    """The same in this process, which has everything imported; an error that nobody foresaw is raised."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as complaints:
        try:
            code = main(list(map(str, arguments)))
        except SystemExit as stopped:
            code = stopped.code
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=complaints.getvalue())
