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
from fmspace_nb.__main__ import main
from fmspace_nb.publish import assets, live, wheels
from fmspace_nb.publish.pyodide import VERSION


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


@pytest.mark.parametrize("given, source", [("https://host.org/py/", "https://host.org/py/"), ("pyodide/", "'self'")])
def test_the_policy_of_a_page_that_computes_opens_to_one_address(given, source):
    closed, opened = (dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
                      for policy in (assets.POLICY, live.policy(given)))
    changed = {name: rule for name, rule in opened.items() if rule != closed[name]}
    assert changed == {"connect-src": source, "script-src": f"{closed['script-src']} {source} 'wasm-unsafe-eval'"}


def test_what_a_page_computes_with_is_small():
    assert len(wheels.compute_wheel()) < 400e3


@pytest.mark.parametrize("wishes, said", [
    (["--pyodide", "https://host.org/"], "--pyodide goes with --live"),
    (["--live", "--pyodide", "https://host.org/; script-src *"], "must be a plain address"),
    (["--live", "--pyodide", "nowhere"], "pyodide-lock.json, got nowhere"),
    (["--live", "--pyodide", "http://127.0.0.1:9/"], "could not be fetched")])
def test_a_page_that_could_not_find_its_python_is_not_written(capsys, tmp_path, wishes, said):
    assert main(["html", "--out", str(tmp_path), *wishes]) == 1
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_folder_of_pyodide_lies_beside_the_pages(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyodide-lock.json").write_text(f'{{"info": {{"version": "{VERSION}"}}, "packages": {{}}}}')
    for _ in range(2):      # the second takes the place of the first
        assert live.address(str(tmp_path / "mine"), tmp_path) == "pyodide/"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "pyodide"]
