"""TypeScript's checker on the package's JavaScript: `python tests/tools/check_javascript.py`, part of `make lint`.

The files reach the browser joined: the explorer's view is one module made of several files, and pages import modules by
names of an import map. The checker sees them as the browser does; what it finds is reported where it was written.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fmspace_nb.explorer.assets import VIEW_FILES

ROOT = Path(__file__).parents[2]
BROWSER, STATIC = ROOT / "fmspace_nb/explorer/browser", ROOT / "fmspace_nb/publish/static"
TYPESCRIPT = "typescript@5.9"  # the last that runs on any node
OPTIONS = {"allowJs": True, "checkJs": True, "noEmit": True, "skipLibCheck": True, "types": [],
           "target": "es2022", "lib": ["es2023", "dom", "dom.iterable"],
           "module": "esnext", "moduleResolution": "bundler", "paths": {"fmspace/*": ["./*"]}}


def modules() -> dict[str, list[Path]]:
    """Each module as a browser loads it: the files it is joined from."""
    view = [BROWSER / name for name in VIEW_FILES]
    live = [*view, *(BROWSER / name for name in ("numbers.js", "shelf.js", "live.js"))]
    alone = [BROWSER / "frozen.js", *sorted(STATIC.glob("*.js"))]
    return {"view.js": view, "live.js": live, **{path.name: [path] for path in alone}}


def join(parts: list[Path]) -> tuple[str, list[tuple[Path, int]]]:
    """The text of a module, and of each of its lines the file and the line it comes from."""
    lines, origins = [], []
    for part in parts:
        for number, line in enumerate(part.read_text("utf-8").split("\n"), 1):
            lines.append(line)
            origins.append((part, number))
    return "\n".join(lines), origins


def check(npx: str) -> list[str] | None:
    """What the checker finds, as file:line:column: message; None when npm cannot bring it."""
    with tempfile.TemporaryDirectory() as folder:
        origins = {}
        for name, parts in modules().items():
            text, origins[name] = join(parts)
            (Path(folder) / name).write_text(text, "utf-8")
        project = {"compilerOptions": OPTIONS, "include": ["*.js", "*.d.ts"]}
        (Path(folder) / "tsconfig.json").write_text(json.dumps(project))
        shutil.copy(Path(__file__).with_name("browser.d.ts"), folder)
        command = [npx, "--yes", "--package", TYPESCRIPT, "tsc", "--project", folder, "--pretty", "false"]
        said = subprocess.run(command, capture_output=True, text=True)
    if "npm error" in said.stderr.lower():
        return None
    found = []
    for line in (said.stdout + said.stderr).splitlines():
        place = re.match(r"(?:.*/)?([\w.]+)\((\d+),(\d+)\): error (.*)", line)
        if place and place[1] in origins:
            path, number = origins[place[1]][int(place[2]) - 1]
            found.append(f"{path.relative_to(ROOT)}:{number}:{place[3]}: {place[4]}")
        elif line.strip():
            found.append(line)
    return list(dict.fromkeys(found)) or ([f"tsc failed with code {said.returncode}"] if said.returncode else [])


def main() -> int:
    """Print what was found; 0 when that is nothing, or when there is no checker to ask."""
    npx = shutil.which("npx")
    found = check(npx) if npx else None
    if found is None:
        why = f"npm could not bring {TYPESCRIPT}" if npx else "npx, which comes with node, is not on the PATH"
        print(f"JavaScript was not checked: {why}.")
        return 0
    print("\n".join(found) if found else "JavaScript: no errors.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
