// @ts-check
// The opening page: mathematics in titles, light and dark, and a living explorer of still pictures (opening.py).

import {controlElement} from "fmspace/view"
import {inflate} from "fmspace/frozen"
import {each, themeSwitch, typeset} from "fmspace/reading"

each(() => window.katex && typeset(), () => themeSwitch(document.querySelector("#theme")),
  ...[...document.querySelectorAll(".fm-turned")].map(element => () => turn(element)))
document.documentElement.dataset.ready = ""

// A slider that turns pictures: those of the other stops come when the reader first moves it.
function turn(element) {
  const text = part => element.querySelector(`.fm-${part}`).textContent
  const figure = element.querySelector(".fm-explorer"), plot = figure.querySelector(".fm-plot")
  const control = JSON.parse(text("spec"))
  const error = Object.assign(document.createElement("p"), {className: "fm-error", role: "alert"})
  let at = control.start, pictures
  const complain = sentence => { error.textContent = sentence }
  const {element: shown, place} = controlElement(control, {move, complain})
  async function move(index) {
    at = index
    place(at)
    error.textContent = ""
    pictures ??= inflate(text("frames")).then(bytes => JSON.parse(new TextDecoder().decode(bytes)))
    const all = await pictures
    plot.innerHTML = all[at]
    Object.assign(figure.dataset, {shown: String(at), state: "ready"})
  }
  place(at)
  figure.querySelector(".fm-controls").replaceChildren(shown)
  figure.querySelector(".fm-stage").after(error)
  Object.assign(figure.dataset, {explorer: element.dataset.name, shown: String(at), state: "ready"})
  const link = document.createElement("a")
  Object.assign(link, {href: `${element.dataset.page}#figure=${element.dataset.name}`, textContent: "Go there"})
  figure.querySelector(".fm-tools").replaceChildren(link)
}
