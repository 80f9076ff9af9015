// @ts-check
// The explorer's view: controls, plot, caption. One file for both lives; it does not know where pictures come from.
//
//   mount(host, {spec, source, plotly, values, onchange})  ->  {set(values), values(), destroy()}
//
// host      the element to draw into; a <figure data-explorer="name" data-figure="module:function"> is put there.
// spec      what ExplorerSpec.json() in spec.py gives:
//             {name, function, caption,
//              controls: [{parameter, words, symbol, unit, scale: "log"|"linear"|"choice",
//                         values: […], texts: […], start}],
//              figure: {data, layout}    plotly's JSON at the start, without its numeric arrays,
//              slots: [[path, shape]]}   where those arrays go, e.g. ["data.0.x", [200]] or ["data.4.z", [60, 60]]
//           Every control is a list of stops: `values` (numbers or strings), `texts` as shown; `start`, an index.
// plotly    the Plotly object, or a promise of it.
// source    {connect(show), request(indices)}: where pictures come from.
//             connect  is called once; from then on the source may call show(picture) whenever it has one.
//             request  asks for the picture at these stops, one index a control, in the controls' order. Called once
//                      at the start and at every move. The source need not answer all: only the newest must come.
//           A picture is {indices, patch, arrays, alt} or {indices, error: "message"}:
//             indices  the stops it belongs to: the view drops what is older than a move it has already shown;
//             patch    {path: value} of what differs from spec.figure besides the arrays (null: not in this picture),
//                      e.g. {"layout.title.text": "…", "layout.annotations": […], "data.1.name": "…"};
//             arrays   one flat typed array (Float32Array or Float64Array) a slot, in their order; NaN is a gap;
//             alt      the text that says what the picture shows ("" where the figure has none).
// values    optional {parameter: value} to begin with in place of the start.
// onchange  optional, called with {parameter: value} after every move and reset (for an address bar, say).
// set       moves controls to {parameter: value}, each to its nearest stop; unknown names, numbers out of range
//           and options that do not exist are ignored. It does not call onchange.
//
// For scripts, tests and style sheets: the figure has what mount returns as its property `explorer`, and the attributes
// data-state="busy|ready|error" and data-shown="3,4" (the stops drawn); the plot is `.fm-plot` (plotly's gd, with
// gd.data); each control has data-control="parameter". Colours come from CSS variables: a page sets --fm-ink,
// --fm-muted, --fm-grid, --fm-line, --fm-surface, --fm-accent, --fm-error (view.css has the fallbacks, JupyterLab's
// among them), as #rrggbb or rgba(…); they are read again when an attribute of <html> or <body>, or the system's colour
// scheme, changes.

/**
 * @param {Element} host
 * @param {{spec: any, source: any, plotly: any, values?: Object, onchange?: (values: Object) => void}} given
 */
export function mount(host, {spec, source, plotly, values = {}, onchange = () => {}}) {
  const start = spec.controls.map(c => c.start)
  const at = [...start]                       // where the controls stand: one index a control
  const parts = build(host, spec, {
    move(k, index) { at[k] = index; moved() },
    reset() { start.forEach((index, k) => { at[k] = index }); plot.home(); moved() },
    async save(kind) {
      const saving = plot.save(kind, `${spec.name} ${slug()}`, fixed())
      const said = await saving.catch(error => `Nothing was saved. ${error}`)
      if (said) parts.error(said)
    },
  })
  const plot = new Plot(parts.plot, spec, plotly, shown, failed)
  const asked = new Map()                     // stops -> the number of the latest request for them
  let request = 0, newest = -1, slow = 0, say = 0, touched = false
  let fails = -1                              // the latest request known to have no picture

  const slug = () => spec.controls.map((c, k) => `${c.parameter}=${c.values[at[k]]}`).join(" ")
  const fixed = () => ({figure: spec.name, ...Object.fromEntries(spec.controls.map((c, k) =>
    [`${name(c)}${c.unit ? ` [${c.unit}]` : ""}`, c.values[at[k]]]))})
  const valuesNow = () => Object.fromEntries(spec.controls.map((c, k) => [c.parameter, c.values[at[k]]]))

  function place(wanted) {
    for (const [k, control] of spec.controls.entries()) {
      const index = control.parameter in wanted ? nearest(control, wanted[control.parameter]) : -1
      if (index >= 0) at[k] = index
    }
  }
  function moved() { touched = true; ask(); onchange(valuesNow()) }
  function ask() {
    parts.place(at)
    if (parts.figure.dataset.state === "error") parts.state("busy")
    asked.set(at.join(), ++request)
    wait()
    source.request([...at])
  }
  function wait() {                           // a picture that takes longer than 150 ms shows that it is on its way
    clearTimeout(slow)
    slow = setTimeout(() => parts.state("busy"), 150)
  }
  const requestOf = picture => asked.get(picture?.indices.join()) ?? request
  function show(picture) {
    const number = requestOf(picture)
    if (number < newest) return
    newest = number
    if (number < request) wait(); else clearTimeout(slow)
    if (picture.error) {
      plot.drop()
      return failed(picture.error, picture)
    }
    fails = -1
    plot.show(picture)
  }
  function shown(picture) {                   // called by the plot once the picture is drawn
    const stand = spec.controls.map((c, k) => `${name(c)} ${reading(c, picture.indices[k])}`)
    const text = picture.alt || `${spec.caption} ${stand.join(", ")}`
    parts.drawn(picture.indices, text)
    if (requestOf(picture) <= fails) return   // what was asked for since cannot be shown: that stays said
    parts.error("")
    if (picture.indices.join() === at.join()) parts.state("ready")
    clearTimeout(say)
    if (touched) say = setTimeout(() => parts.say(text), 700)
  }
  // Called by the plot, too, and before any picture where plotly does not come.
  function failed(message, picture) {
    if (requestOf(picture) < fails) return
    fails = requestOf(picture)
    if (fails === request) clearTimeout(slow)  // nothing else is on its way
    clearTimeout(say)
    parts.error(message)
    parts.state("error")
  }

  place(values)
  source.connect(show)
  ask()
  return parts.figure.explorer = {
    set(wanted) { place(wanted); if (asked.get(at.join()) !== request) ask(); else parts.place(at) },
    values: valuesNow,
    destroy() { clearTimeout(slow); clearTimeout(say); plot.destroy(); parts.figure.remove() },
  }
}

const name = control => `${control.words} ${control.symbol}`.trim()
const reading = (control, index) => `${control.texts[index]} ${control.unit}`.trim()

// The index of the stop nearest to a value, by ratio on a logarithmic control; -1 where the value is out of range.
function nearest(control, value) {
  if (control.scale === "choice") return control.values.findIndex(v => String(v) === String(value))
  const wanted = String(value).trim() === "" ? NaN : Number(value)
  if (!(wanted >= control.values[0] && wanted <= control.values.at(-1))) return -1
  const away = v => control.scale === "log" ? Math.abs(Math.log(v / wanted)) : Math.abs(v - wanted)
  return control.values.reduce((best, v, k, all) => away(v) < away(all[best]) ? k : best, 0)
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

// JupyterLab's and Notebook's arrow keys would change the cell, not the slider.
const OURS = {"data-lm-suppress-shortcuts": "true"}

// The elements of an explorer, and the few things that happen to them.
function build(host, spec, {move, reset, save}) {
  const controls = spec.controls.map((control, k) => controlElement(control, index => move(k, index)))
  const plot = element("div", {class: "fm-plot", role: "img", "aria-label": spec.caption})
  plot.style.height = `${spec.figure.layout.height ?? 420}px`
  const error = element("p", {class: "fm-error", role: "alert"})
  const said = element("p", {class: "fm-said", "aria-live": "polite"})
  const button = (text, label, act) => {
    const made = element("button", {type: "button", "aria-label": label, title: label, ...OURS}, text)
    made.addEventListener("click", act)
    return made
  }
  const tools = element("div", {class: "fm-tools", role: "group", "aria-label": "Figure"},
    button("Reset", "Back to the start", reset),
    button("CSV", "Download the values as CSV", () => save("csv")),
    button("SVG", "Download the figure as SVG", () => save("svg")),
    button("PNG", "Download the figure as PNG", () => save("png")))
  const group = {class: "fm-controls", role: "group", "aria-label": "Controls"}
  const bar = element("div", group, ...controls.map(c => c.element))
  const figure = element("figure", {
    class: "fm-explorer", "data-explorer": spec.name, "data-figure": spec.function, "data-state": "busy",
  }, bar, element("div", {class: "fm-stage"}, plot, element("div", {class: "fm-busy", "aria-hidden": "true"})), error,
  element("div", {class: "fm-foot"}, element("figcaption", {}, spec.caption), tools), said)
  bar.addEventListener("keydown", event => event.stopPropagation())     // …nor turn a slide
  host.append(figure)
  return {
    figure, plot,
    place: at => controls.forEach((control, k) => control.place(at[k])),
    say: text => { said.textContent = text },
    state(state) { figure.dataset.state = state; plot.setAttribute("aria-busy", state === "busy") },
    error: text => { error.textContent = text },
    drawn(indices, text) {
      figure.dataset.shown = indices.join()
      plot.setAttribute("aria-label", text)
    },
  }
}

function controlElement(control, move) {
  const last = control.values.length - 1, choice = control.scale === "choice"
  const attributes = {"data-control": control.parameter, "aria-label": name(control), ...OURS}
  const input = choice
    ? element("select", attributes, ...control.texts.map((text, k) => element("option", {value: k}, text)))
    : element("input", {type: "range", min: 0, max: last, step: 1, ...attributes})
  const output = element("output", {"aria-live": "off"})
  const [symbol, meaning] = control.symbol.split(" = ")
  const label = element("span", {class: "fm-name"}, `${control.words} `,
    element("i", {}, symbol, ...(meaning ? [element("span", {class: "fm-meaning"}, ` = ${meaning}`)] : [])))
  input.addEventListener("input", () => move(Number(input.value)))
  return {
    element: element("label", {class: "fm-control"}, element("span", {class: "fm-head"}, label, output), input),
    place(index) {
      if (Number(input.value) !== index || choice) input.value = index
      if (choice) return
      const text = reading(control, index)
      output.textContent = text
      input.setAttribute("aria-valuetext", text)
      input.style.setProperty("--fm-share", index / last)
    },
  }
}
