// @ts-check
// "Compute here", on pages exported with --live: once the reader asks, Python comes into a worker (worker.js), and the
// pictures of every stop from there. Those that the page has are shown as ever. Before the click nothing is fetched.

import {all} from "fmspace/page"

const button = /** @type {HTMLButtonElement} */ (document.getElementById("compute"))
const strip = document.getElementById("computing"), bar = strip.querySelector("progress")
const words = strip.querySelector("span"), text = id => document.getElementById(id).textContent

button.addEventListener("click", async () => {
  button.disabled = true
  tell(0, "Fetching Python")
  const python = begin(tell)
  try {
    const wheel = Uint8Array.from(atob(text("wheel")), letter => letter.charCodeAt(0))
    await python.ask("start", new URL(button.dataset.address, document.baseURI).href, wheel)
    let own = 0
    for (const explorer of all) if (explorer.kept && explorer.spec.controls.length) own += await widen(explorer, python)
    button.textContent = "Computing here"
    const kept = own ? ` ${own} of its pictures ${own > 1 ? "are" : "is"} the notebook's own, with the stops kept.` : ""
    tell(1, button.title = `Python runs in this page now: every stop of every slider is computed.${kept}`)
    setTimeout(() => { strip.hidden = true }, 8000)
  } catch (error) {
    python.end()
    button.disabled = false
    tell(1, `Python did not come, the pictures stay as they are: ${error.message}`)
  }
})

function tell(share, said) {
  strip.hidden = false
  bar.hidden = share === 1
  bar.value = share
  words.textContent = said
}

// A worker: ask(call, …) promises its answer.
function begin(told) {
  const place = URL.createObjectURL(new Blob([text("worker")], {type: "text/javascript"}))
  const worker = new Worker(place), asked = new Map()
  let last = 0
  worker.onmessage = ({data: {id, said, share, result, error}}) => {
    if (said) return told(share, said)
    const {resolve, reject} = asked.get(id)
    asked.delete(id)
    if (error) reject(Error(error)); else resolve(result)
  }
  worker.onerror = () => asked.forEach(({reject}) => reject(Error("this browser refuses the worker it would run in")))
  return {
    ask: (call, ...args) => new Promise((resolve, reject) => {
      asked.set(++last, {resolve, reject})
      worker.postMessage({id: last, call, args})
    }),
    end: () => { worker.terminate(); URL.revokeObjectURL(place) },
  }
}

// Give an explorer all its stops; 1 where it must keep those it has.
async function widen({spec, kept, widen}, {ask}) {
  const held = spec.controls, {name, figure, slots} = spec
  const every = held.map(({scale, every, values}) =>
    scale === "draw" ? [...Array(1000).keys(), "all"] : every ?? [...values])
  const told = {function: spec.function, figure, slots, controls: held.map((c, k) => [c.parameter, every[k]])}
  const known = await ask("begin", name, JSON.stringify(told)).catch(() => null)
  if (!known) return 1
  const controls = held.map((control, k) => ({...control, values: every[k], texts: known[k].texts,
    start: every[k].indexOf(control.values[control.start]),
    own: known[k].own ? source => ask("own", control.parameter, source) : null}))
  /** @type {(picture: any) => void} */ let show
  let wanted = null, busy = false
  const draw = async indices => {
    const values = indices.map((index, k) => controls[k].values[index])
    const place = values.map((value, k) => held[k].values.indexOf(value))
    if (place.every(index => index >= 0)) return kept(place)
    const named = Object.fromEntries(values.map((value, k) => [controls[k].parameter, value]))
    const [{widths, ...head}, ...arrays] = await ask("picture", name, JSON.stringify(named))
    return {...head, arrays: arrays.map(({buffer, byteOffset, byteLength}, k) =>
      new (widths[k] === 8 ? Float64Array : Float32Array)(buffer.slice(byteOffset, byteOffset + byteLength)))}
  }
  const next = async () => {                  // one picture at a time, then the newest that was asked for
    if (busy || !wanted) return
    const indices = wanted
    wanted = null
    busy = true
    show(await draw(indices).then(picture => ({indices, ...picture}), error => ({indices, error: error.message})))
    busy = false
    next()
  }
  widen(controls, {connect(callback) { show = callback }, request(indices) { wanted = indices; next() }})
  return 0
}
