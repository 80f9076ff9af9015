"""Files written whole: whoever reads one sees the former content or the new one, never a part of it."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> Path:
    """Put the content (text as UTF-8) into the file; the path written.

    Raises:
        OSError: the file cannot be written. UnicodeEncodeError: the text has no UTF-8. The former file is then as it
        was, and nothing is left beside it.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")  # two threads may write one file
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return path
