// @ts-check
// The controls of an explorer: a slider with its value, which is a field to type in, and ▶, which plays it; a menu; or
// a button that draws another network.

const SWEEP = 4000        // milliseconds in which ▶ takes a slider through its stops, there and back
const TOUCHES = ["pointerdown", "keydown", "wheel"]       // what stops it
const STILL = 16          // steps of that way for a reader who asked for less motion

const name = control => `${control.words} ${control.symbol}`.trim()
const reading = (control, index) => `${control.texts[index]} ${control.unit}`.trim()

const isSlider = ({scale}) => scale === "log" || scale === "linear"
const ALL = "all"         // the last stop of a control that draws: several networks at once, faintly

// The index of the stop nearest to a value, by ratio on a logarithmic control; -1 where the value is out of range.
function nearest(control, value) {
  if (!isSlider(control)) return control.values.findIndex(v => String(v) === String(value).trim())
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

// {element, place(index)} of a control; move(index) is called when the reader moves it, complain(sentence) when what
// the reader typed is none of its values.
export function controlElement(control, {move, complain}) {
  return {choice: menu, draw: draws}[control.scale]?.(control, move, complain) ?? slider(control, move, complain)
}

function labelled({symbol, words}) {
  const [letter, meaning] = symbol.split(" = ")
  return element("span", {class: "fm-name"}, `${words} `,
    element("i", {}, letter, ...(meaning ? [element("span", {class: "fm-meaning"}, ` = ${meaning}`)] : [])))
}

function menu(control, move) {
  const options = control.texts.map((text, k) => element("option", {value: k}, text))
  const input = element("select", {"data-control": control.parameter, "aria-label": name(control), ...OURS}, ...options)
  input.addEventListener("input", () => move(Number(input.value)))
  const head = element("span", {class: "fm-head"}, labelled(control)), place = index => { input.value = index }
  if (!control.own) return {element: element("label", {class: "fm-control"}, head, input), place}
  return {element: element("div", {class: "fm-control"}, head, input, ...ownField(control, input, move)), place}
}

// A field for a function of the reader's own, which becomes an option of the menu, and what is wrong with it.
function ownField(control, input, move) {
  const typed = {type: "text", spellcheck: "false", autocomplete: "off", placeholder: "lambda z: …"}
  const field = element("input", {class: "fm-own", "aria-label": `Your own ${name(control)}`, ...typed, ...OURS})
  const wrong = element("span", {class: "fm-wrong", role: "alert"})
  field.addEventListener("keydown", async event => {
    event.stopPropagation()
    const text = field.value.trim()
    if (event.key !== "Enter" || !text) return
    wrong.textContent = await control.own(text).then(() => "", error => error.message)
    field.setAttribute("aria-invalid", String(Boolean(wrong.textContent)))
    if (wrong.textContent) return
    if (!control.values.includes(text)) {
      input.append(element("option", {value: control.values.push(text) - 1}, text))
      control.texts.push(text)
    }
    move(control.values.indexOf(text))
  })
  return [field, wrong]
}

function slider(control, move, complain) {
  const last = control.values.length - 1, words = name(control)
  const field = typedField(control, move, complain)
  const range = {type: "range", min: 0, max: last, step: 1, "data-control": control.parameter, "aria-label": words}
  const input = element("input", {...range, ...OURS})
  const button = {type: "button", class: "fm-play", "data-play": control.parameter, "aria-label": `Play ${words}`}
  const play = element("button", {...button, title: "Play", "aria-pressed": "false", ...OURS})
  const playing = player(input, last, move, on => play.setAttribute("aria-pressed", String(on)))
  input.addEventListener("input", () => move(Number(input.value)))
  input.addEventListener("keydown", event => {
    if (event.key === " ") { event.preventDefault(); playing() }
  })
  play.addEventListener("click", playing)
  const head = element("span", {class: "fm-head"}, labelled(control), play, field.input)
  return {
    element: element("div", {class: "fm-control"}, head, input),
    place(index) {
      if (Number(input.value) !== index) input.value = String(index)
      field.place(index)
      input.setAttribute("aria-valuetext", reading(control, index))
      input.style.setProperty("--fm-share", String(index / last))
    },
  }
}

// {input, place(index)}: the value of a control, which is a field to type another one in.
function typedField(control, move, complain) {
  const size = Math.max(...control.texts.map((_, k) => reading(control, k).length))
  const typed = {type: "text", "aria-label": `${name(control)}, typed`, inputmode: "decimal", autocomplete: "off", size}
  const input = element("input", {class: "fm-value", "data-value": control.parameter, ...typed, ...OURS})
  let shown = ""
  const show = () => { input.value = shown }
  input.addEventListener("focus", () => input.select())
  input.addEventListener("blur", show)
  input.addEventListener("keydown", event => {
    event.stopPropagation()                               // what is typed neither turns a slide nor runs a command
    if (event.key === "Escape") input.blur()
    if (event.key !== "Enter") return
    const wrong = unfit(control, input.value)
    if (wrong) return complain(wrong)
    move(nearest(control, isSlider(control) ? numeral(input.value) : input.value))
    show()
    input.select()
  })
  return {input, place(index) { shown = reading(control, index); show() }}
}

// A button that draws the next network, round and round, its number, and a switch that shows several at once. Where a
// page keeps one network, there is nothing to see.
function draws(control, move, complain) {
  const {parameter, values} = control, words = name(control), all = values.indexOf(ALL)
  const seeds = values.length - (all < 0 ? 0 : 1), field = typedField(control, move, complain)
  const again = element("button", {type: "button", "data-control": parameter, "data-draw-again": "",
    "data-stops": values.length, title: "Another network, another batch", ...OURS}, "Draw again")
  const both = element("button", {type: "button", "data-draw-all": "", "aria-pressed": "false",
    title: "Several draws at once, faintly: what they share is law, the rest is luck", ...OURS}, "All draws")
  let seed = 0                                            // the draw shown, or shown last
  const at = () => Number(again.value)
  again.addEventListener("input", () => move(at()))
  again.addEventListener("click", () => move((seed + 1) % seeds))
  both.addEventListener("click", () => move(at() === all ? seed : all))
  const head = element("span", {class: "fm-head"}, labelled(control), field.input)
  const row = element("div", {class: "fm-draws", role: "group", "aria-label": words}, again, both)
  const made = element("div", {class: "fm-control"}, head, row)
  made.hidden = values.length < 2
  return {
    element: made,
    place(index) {
      if (index !== all) seed = index
      again.value = String(index)
      both.setAttribute("aria-pressed", String(index === all))
      field.place(index)
    },
  }
}

// The number that a reader means: 1 250, 1250.0, 1,5 and 2×10³ are numbers; NaN for what is none.
function numeral(text) {
  const plain = text.replace(/[\s\u202f\u2009']/g, "").replace("−", "-").replace(/^([^.]*),([^,.]*)$/, "$1.$2")
  const raised = plain.replace(/[×·*]10\^?([⁻⁰¹²³⁴⁵⁶⁷⁸⁹\d-]+)$/, (_, power) => `e${[...power].map(digit => {
    const k = "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)
    return digit === "⁻" ? "-" : k < 0 ? digit : k
  }).join("")}`)
  const number = /^[-+]?[\d.]+(e[-+]?\d+)?/i.exec(raised)
  return number ? Number(number[0]) : NaN
}

// The sentence that says why a text is none of a slider's values; "" where it is one.
function unfit(control, text) {
  if (control.scale === "draw") return nearest(control, text) < 0 ? noDraw(control, text) : ""
  const ends = `${control.texts[0]} to ${control.texts.at(-1)} ${control.unit}`.trim(), number = numeral(text)
  if (Number.isNaN(number)) return `${name(control)} takes a number from ${ends}, not “${text.trim()}”.`
  return nearest(control, number) < 0 ? `${name(control)} takes numbers from ${ends}, not ${text.trim()}.` : ""
}

function noDraw({texts, values, words}, text) {
  const last = texts[values.length - (values.at(-1) === ALL ? 2 : 1)]
  return `The ${words} is a whole number from ${texts[0]} to ${last} here, or “${ALL}”, not “${String(text).trim()}”.`
}

// A function that starts and stops a slider's way through its stops: to the last, to the first, and back to where it
// was. Whatever the reader touches stops it.
function player(input, last, move, tell) {
  let frame = 0
  const stop = () => {
    cancelAnimationFrame(frame)
    frame = 0
    for (const kind of TOUCHES) removeEventListener(kind, meddled, true)
    tell(false)
  }
  const meddled = event => { if (!event.target.closest?.("[data-play]") && event.key !== " ") stop() }
  return () => {
    if (frame) return stop()
    const from = Number(input.value), began = performance.now(), way = 2 * last
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    const go = now => {
      if (!input.isConnected) return stop()
      const gone = Math.max(0, Math.min(1, (now - began) / SWEEP))      // a frame's time may lie before the click
      const share = calm ? Math.floor(gone * STILL) / STILL : gone
      const along = (from + share * way) % way, index = Math.round(along <= last ? along : way - along)
      if (index !== Number(input.value)) move(index)
      if (gone < 1) frame = requestAnimationFrame(go)
      else stop()
    }
    for (const kind of TOUCHES) addEventListener(kind, meddled, {capture: true, passive: true})
    tell(true)
    frame = requestAnimationFrame(go)
  }
}
