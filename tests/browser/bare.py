"""Explorers in a bare page, with neither JupyterLab nor an exported chapter around them: quick, easy to hold still."""

from importlib.resources import files
from pathlib import Path

from fmspace_nb.explorer.assets import STYLE, VIEW
from fmspace_nb.explorer.frozen import freeze
from fmspace_nb.explorer.spec import ExplorerSpec

FROZEN = (files("fmspace_nb.explorer") / "browser" / "frozen.js").read_text("utf-8")
PLOTLY = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
MOUNT = """for (const element of document.querySelectorAll('.fm-frozen')) {
  const {spec, source} = read(element)
  const connect = show => {
    element.show = show
    source.connect(picture => element.deaf ? element.missed = picture : show(picture))
  }
  element.view = mount(element, {spec, source: {...source, connect}, plotly: window.library ?? Plotly})
}"""


def bare_page(tabs, explorers, script=";"):
    """A page with the explorers {name: (figure function, {parameter: control})}; in a tab.

    The element .fm-frozen of an explorer has its `view`; while it is `deaf` the grid's pictures do not arrive (the last
    is kept as `missed`), and `show` answers in their place. The script runs once plotly is there; what it sets as
    window.library stands for plotly.
    """
    page = tabs.open({"width": 600, "height": 900}, offline=True)
    frozen = "".join(freeze(ExplorerSpec(figure, controls, name=name)).html
                     for name, (figure, controls) in explorers.items())
    page.goto(Path(__file__).as_uri())  # a page of a file may read the script from its own file, which is quicker
    page.set_content(f"<!doctype html><style>{STYLE}</style>{frozen}<script src='{PLOTLY.as_uri()}'></script>")
    page.add_script_tag(content=script)
    page.add_script_tag(content=f"{VIEW}\n{FROZEN}\n{MOUNT}", type="module")
    return page
