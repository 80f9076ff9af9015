// @ts-check
// The figures of a page: those in sight are drawn first, the others while the reader reads. plotly.js is in the page
// once, deflated, and is only woken when there is a figure to draw.

import {mount} from "fmspace/view"
import {inflate, read} from "fmspace/frozen"

// Every explorer of the page, in order: {name, element, spec, values() now, set(values), draw(), and for a page that
// computes widen(…) of its view and kept(…) of its pictures}. `values` of the address come before the first picture;
// onchange(explorer) is called after each move of a control.
export function explorers({initial, onchange}) {
  const names = new Map()
  const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".fm-frozen")])
  return places.flatMap(element => {
    try { return [begin(element)] } catch (error) {
      element.append(Object.assign(document.createElement("p"),
        {className: "note", role: "alert", textContent: `This figure could not be set up: ${error.message}`}))
      return []
    }
  })

  function begin(element) {
    const {spec, source, prepare, kept} = element.hasAttribute("data-plain") ? plain(element) : read(element)
    const count = (names.get(spec.name) ?? 0) + 1
    names.set(spec.name, count)
    if (count > 1) spec.name += `-${count}`
    const start = Object.fromEntries(spec.controls.map(control => [control.parameter, control.values[control.start]]))
    /** @type {(value?: any) => void} */ let open
    const turn = new Promise(resolve => { open = resolve })   // controls stand at once; the plot waits for its turn
    const explorer = {
      name: spec.name, element, spec, start, kept,
      values: () => view.values(),
      set: values => view.set(values),
      widen: (controls, source) => view.widen(controls, source),
      draw: () => open(),
    }
    const changed = () => onchange(explorer)
    const view = mount(element, {spec, source, plotly: turn.then(plotly), values: initial(explorer), onchange: changed})
    giveRoom(element)
    if (prepare) whenReady(element, () => idle(prepare))
    return explorer
  }
}

export function drawInOrder(all) {
  const near = new IntersectionObserver(entries => {
    for (const {isIntersecting, target} of entries) {
      if (isIntersecting) all.find(({element}) => element === target).draw()
    }
  }, {rootMargin: "25% 0px"})
  all.forEach(({element}) => near.observe(element))
  const rest = [...all]
  const next = () => {
    const explorer = rest.shift()
    if (!explorer) return
    explorer.draw()
    whenReady(explorer.element, () => idle(next))
  }
  addEventListener("beforeprint", () => all.forEach(explorer => explorer.draw()))
  setTimeout(next, 50)
}

// On a phone, on slides and in the handout a style sheet draws a plot at another size and scales it by --shrunk, labels
// and all (plotly's pointer follows a transform, not a zoom); the room that it leaves below is given back here.
function giveRoom(element) {
  const plot = element.querySelector(".fm-plot")
  const give = () => { plot.style.marginBottom = `calc((var(--shrunk, 1) - 1) * ${plot.offsetHeight}px)` }
  new ResizeObserver(give).observe(plot)
}

const idle = act => window.requestIdleCallback ? requestIdleCallback(act, {timeout: 2000}) : setTimeout(act)

function whenReady(element, act) {
  const ready = () => element.querySelector('[data-state="ready"], [data-state="error"]')
  if (ready()) return act()
  const watch = new MutationObserver(() => {
    if (!ready()) return
    watch.disconnect()
    act()
  })
  watch.observe(element, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"]})
}

// plotly reads its canvases back; a browser that is not told so warns in the console.
const getContext = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return getContext.call(this, kind, kind === "2d" ? {willReadFrequently: true, ...options} : options)
}

let library
function plotly() {
  return library ??= inflate(document.getElementById("plotly").textContent).then(bytes => {
    const script = document.createElement("script")
    script.textContent = new TextDecoder().decode(bytes)
    document.head.append(script)
    if (!window.Plotly) throw Error("plotly.js, which draws the figures, did not start here")
    return window.Plotly
  })
}

// A plotly figure that a cell put out: an explorer without controls.
function plain(element) {
  const spec = JSON.parse(element.querySelector(".fm-spec").textContent)
  let show
  const picture = {indices: [], patch: {}, arrays: [], alt: spec.alt}
  const request = () => queueMicrotask(() => show(picture))
  return {spec, kept: null, source: {connect(callback) { show = callback }, request}}
}
