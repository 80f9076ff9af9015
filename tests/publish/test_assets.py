"""What a page carries with it is whole, and asks for nothing."""

import base64
import json
import re
import tomllib
import zlib
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

import fmspace_nb
from fmspace_nb.publish import assets


@pytest.mark.parametrize("sheet", [assets.katex_css, assets.type_css])
def test_fonts_travel_inside_their_style_sheet(sheet):
    addresses = re.findall(r"url\(([^)]*)\)", sheet())
    assert len(addresses) >= 3 and all(address.startswith("data:font/woff2;base64,") for address in addresses)
    assert all(base64.b64decode(address.partition(",")[2]).startswith(b"wOF2") for address in addresses)


def test_every_font_of_katex_is_in_its_style_sheet():
    fonts = [
        path.read_bytes()
        for path in (assets.HERE / "vendor" / "katex" / "fonts").iterdir()
        if path.name.endswith(".woff2")
    ]
    assert len(fonts) == 20
    assert all(base64.b64encode(font).decode() in assets.katex_css() for font in fonts)


@pytest.mark.parametrize("entry", ["page", "slides", "index"])
def test_every_import_of_a_module_is_in_the_import_map(entry):
    addresses = json.loads(assets.modules(entry))["imports"]
    sources = {name: base64.b64decode(address.partition(",")[2]).decode() for name, address in addresses.items()}
    imported = {
        name for source in sources.values() for name in re.findall(r'^import .*from "([^"]+)"', source, re.MULTILINE)
    }
    assert "fmspace/view" in imported and imported | {f"fmspace/{entry}"} <= set(sources)


def test_plotly_is_the_one_installed():
    assert zlib.decompress(base64.b64decode(assets.plotly())).decode() == get_plotlyjs()


def test_no_text_of_a_script_ends_its_element():
    assert assets.script("a = '</script>' + '<!-- b'") == r"a = '<\/script>' + '<\!-- b'"
    assert "</script" not in assets.katex_js() and len(assets.katex_js()) > 1e5


def test_every_file_that_is_not_python_is_installed_and_every_pattern_finds_one():
    package = Path(fmspace_nb.__file__).parent
    tool = tomllib.loads((package.parent / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    places = tool["package-dir"]
    folders = {name: package.parent / places.get(name, name.replace(".", "/")) for name in tool["packages"]}
    found = {(name, pattern): [path for folder in (folders.values() if name == "*" else [folders[name]])
                               for path in folder.glob(pattern) if path.is_file()]
             for name, patterns in tool["package-data"].items() for pattern in patterns}
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert files - {path for paths in found.values() for path in paths} == set()
    assert [pattern for pattern, paths in found.items() if not paths] == []
    assert {path.parent for path in package.rglob("*.py")} <= set(folders.values())


def test_the_policy_lets_nothing_in_from_a_network():
    rules = dict(rule.strip().split(" ", 1) for rule in assets.POLICY.split(";"))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'none'"
    allowed = {source for sources in rules.values() for source in sources.split()}
    assert allowed == {"'none'", "'unsafe-inline'", "data:", "blob:"}
