// @ts-check
// The explorer's view: controls, plot, caption. One file for both lives; it does not know where pictures come from.
//
//   mount(host, {spec, source, plotly, values, onchange})  ->  {set(values), values(), widen(…), destroy()}
//
// host      the element to draw into; a <figure data-explorer="name" data-figure="module:function"> is put there.
// spec      what ExplorerSpec.json() in spec.py gives:
//             {name, function, caption,
//              controls: [{parameter, words, symbol, unit, scale: "log"|"linear"|"choice"|"draw",
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
//           and options that do not exist are ignored, a draw that is not there is named. It does not call onchange.
// widen     (controls, source) gives the controls other stops, pictures another source; where they stand stays. A menu
//           with own(text), a promise, has a field below it: what is typed becomes an option once own allows it.
//
// For scripts, tests and style sheets: the figure has what mount returns as its property `explorer`, and the attributes
// data-state="busy|ready|error" and data-shown="3,4" (the stops drawn); the plot is `.fm-plot` (plotly's gd, with
// gd.data); each control has data-control="parameter". Colours come from CSS variables: a page sets --fm-ink,
// --fm-muted, --fm-grid, --fm-line, --fm-surface, --fm-accent, --fm-error (view.css has the fallbacks, JupyterLab's
// among them), as #rrggbb or rgba(…); they are read again when an attribute of <html> or <body>, or the system's colour
// scheme, changes.

/**
 * @param {Element} host
 * @param {{spec: any, source: any, plotly: any, values?: Object, onchange?: (values: Object) => void,
 *   group?: Object}} given
 */
export function mount(host, {spec, source, plotly, values = {}, onchange = () => {}, group = document}) {
  const start = spec.controls.map(c => c.start)
  const at = [...start]                       // where the controls stand: one index a control
  const parts = build(host, spec, {
    move(k, index) { at[k] = index; if (slides(k)) swept = spec.controls[k].parameter; moved() },
    together() { tied.turn(valuesNow()); onchange(valuesNow()) },
    reset() { start.forEach((index, k) => { at[k] = index }); plot.home(); moved() },
    async save(kind) {
      const saving = kind === "gif" ? saveFilm(own, spec.name, swept, parts)
        : plot.save(kind, `${spec.name} ${slug()}`, fixed())
      const said = await saving.catch(error => `Nothing was saved. ${error}`)
      if (said) parts.error(said)
    },
  })
  const slides = k => isSlider(spec.controls[k])
  let swept = spec.controls.find((_, k) => slides(k))?.parameter        // the slider moved last: a film goes by it
  let settled = () => {}                      // called when what was asked for is drawn, or known not to come
  const plot = new Plot(parts.plot, spec, plotly, shown, failed)
  const asked = new Map()                     // stops -> the number of the latest request for them
  let request = 0, newest = -1, slow = 0, say = 0, touched = false
  let warning = ""                            // what was asked for and is not there, until the reader's next move
  let fails = -1                              // the latest request known to have no picture

  const slug = () => spec.controls.map((c, k) => `${c.parameter}=${c.values[at[k]]}`).join(" ")
  const fixed = () => ({figure: spec.name, ...Object.fromEntries(spec.controls.map((c, k) =>
    [`${name(c)}${c.unit ? ` [${c.unit}]` : ""}`, c.values[at[k]]]))})
  const valuesNow = () => Object.fromEntries(spec.controls.map((c, k) => [c.parameter, c.values[at[k]]]))

  function place(wanted) {
    for (const [k, control] of spec.controls.entries()) {
      if (!(control.parameter in wanted)) continue
      const value = wanted[control.parameter], index = nearest(control, value)
      if (index >= 0) at[k] = index
      else if (control.scale === "draw") warning = noDraw(control, value)
    }
  }
  function moved() { touched = true; warning = ""; ask(); tied.moved(valuesNow()); onchange(valuesNow()) }
  function ask() {
    parts.place(at)
    if (at.join() !== start.join()) plot.bare()
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
    parts.error(warning)
    if (picture.indices.join() === at.join()) {
      parts.state("ready")
      settled()
    }
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
    settled()
  }

  // Set, and wait until that is drawn or known not to come.
  async function go(wanted) {
    set(wanted)
    if (parts.figure.dataset.shown !== at.join()) await new Promise(done => { settled = () => done(undefined) })
  }
  // An image of the figure at these values, so many pixels wide.
  async function photograph(wanted, width) {
    await go(wanted)
    if (parts.figure.dataset.state === "error") throw Error(`there is no picture at ${slug()}`)
    const image = new Image()
    image.src = await plot.photograph(width)
    await image.decode()
    return image
  }
  const own = {set, go, photograph, values: valuesNow, style: () => plot.style(),
    control: parameter => spec.controls.find((c, k) => c.parameter === parameter && slides(k))}

  function set(wanted) {
    warning = ""
    place(wanted)
    if (asked.get(at.join()) !== request) ask(); else parts.place(at)
  }
  // Where the reader's hand is beyond an end of a control, the control goes to that end.
  function pulled(place) {
    const before = at.join()
    for (const [k, {parameter, values}] of spec.controls.entries()) {
      if (!(parameter in place)) continue
      at[k] = nearest(spec.controls[k], Math.max(values[0], Math.min(values.at(-1), place[parameter])))
    }
    if (at.join() !== before) moved()
  }

  // What another explorer was moved to: beyond an end of a control it goes to that end.
  const follow = wanted => set(Object.fromEntries(spec.controls.filter(({parameter}) => parameter in wanted).map(
    ({parameter, scale, values}) => [parameter, !isSlider({scale}) ? wanted[parameter] :
      Math.max(values[0], Math.min(values.at(-1), wanted[parameter]))])))
  const tied = together(group, {parameters: spec.controls.map(({parameter}) => parameter), leads: spec.leads,
    follow, offer: parts.offer})
  const drives = drivesOf(spec), undrive = drives ? drive(parts.plot, drives, pulled) : () => {}
  place(values)
  source.connect(show)
  ask()
  function widen(controls, other) {
    const now = valuesNow()
    spec.controls = controls
    controls.forEach((control, k) => { start[k] = control.start })
    parts.dress(controls)
    place(now)
    asked.clear()
    source.connect(() => {})                  // what is still on its way has the former stops
    source = other
    source.connect(show)
    ask()
  }
  return parts.figure.explorer = {
    ...own,
    widen,
    destroy() {
      clearTimeout(slow)
      clearTimeout(say)
      undrive()
      tied.leave()
      plot.destroy()
      parts.figure.remove()
    },
  }
}

// {axis: parameter} where places on the picture move controls; null where they do not.
function drivesOf({figure: {layout: {meta}}}) {
  return Object.keys(meta?.drives ?? {}).length ? meta.drives : null
}

// The elements of an explorer, and the few things that happen to them.
function build(host, spec, {move, reset, save, together}) {
  const complain = sentence => { error.textContent = sentence }
  const made = list => list.map((control, k) => controlElement(control, {move: index => move(k, index), complain}))
  let controls = made(spec.controls)
  const plot = element("div", {class: "fm-plot", role: "img", "aria-label": spec.caption})
  plot.style.height = `${spec.figure.layout.height ?? 420}px`
  const error = element("p", {class: "fm-error", role: "alert"})
  const said = element("p", {class: "fm-said", "aria-live": "polite"})
  const button = (text, label, act) => {
    const made = element("button", {type: "button", "aria-label": label, title: label, ...OURS}, text)
    made.addEventListener("click", act)
    return made
  }
  const tie = button("Together", "Move all pictures with these controls together", together)
  tie.hidden = true
  const movie = button("GIF", "Download a film of the slider moved last as GIF", () => save("gif"))
  movie.hidden = !spec.controls.some(isSlider)
  const tools = element("div", {class: "fm-tools", role: "group", "aria-label": "Figure"},
    tie,
    button("Reset", "Back to the start", reset),
    button("CSV", "Download the values as CSV", () => save("csv")),
    button("SVG", "Download the figure as SVG", () => save("svg")),
    button("PNG", "Download the figure as PNG", () => save("png")), movie)
  const group = {class: "fm-controls", role: "group", "aria-label": "Controls"}
  const bar = element("div", group, ...controls.map(c => c.element))
  const control = parameter => /** @type {HTMLElement} */ (bar.querySelector(`[data-control="${parameter}"]`))
  const figure = element("figure", {
    class: `fm-explorer${drivesOf(spec) ? " fm-drives" : ""}`, ...(spec.leads ? {"data-journey": ""} : {}),
    "data-explorer": spec.name, "data-figure": spec.function, "data-state": "busy",
  }, bar, element("div", {class: "fm-stage"}, plot, element("div", {class: "fm-busy", "aria-hidden": "true"})), error,
  element("div", {class: "fm-foot"}, element("figcaption", {}, spec.caption), tools), said)
  bar.addEventListener("keydown", event => event.stopPropagation())     // a slider's keys turn no slide
  const standing = host.querySelector(":scope > .fm-standing")          // the still picture of an exported file
  plot.append(...standing?.querySelectorAll(".fm-sheet") ?? [])
  if (standing) standing.replaceWith(figure)
  else host.append(figure)
  return {
    figure, plot,
    dress(list) {
      const held = list.find(({parameter}) => control(parameter) === document.activeElement)
      controls = made(list)
      bar.replaceChildren(...controls.map(c => c.element))
      if (held) control(held.parameter).focus()
    },
    place: at => controls.forEach((control, k) => control.place(at[k])),
    say: text => { said.textContent = text },
    state(state) { figure.dataset.state = state; plot.setAttribute("aria-busy", state === "busy") },
    error: text => { error.textContent = text },
    filming(progress) {
      movie.disabled = Boolean(progress)
      movie.textContent = progress ? `GIF ${progress}` : "GIF"
    },
    offer(shown, on) {
      tie.hidden = !shown
      tie.setAttribute("aria-pressed", String(on))
    },
    drawn(indices, text) {
      figure.dataset.shown = indices.join()
      plot.setAttribute("aria-label", text)
    },
  }
}
