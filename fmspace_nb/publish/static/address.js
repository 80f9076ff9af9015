// @ts-check
// The state of the sliders in the address: #step_size=300&width_ratio=2 sets every explorer that has such a control,
// #ladder.step_size=300 only the one called ladder; figure=ladder brings it into view, together=1 ties them all. What
// makes no sense is ignored.

export function parameters(hash = location.hash) {
  return new URLSearchParams(hash.includes("=") ? hash.slice(1) : "")
}

// {parameter: value} that the address holds for an explorer.
export function wanted({name, spec}, given = parameters()) {
  const found = {}
  for (const {parameter} of spec.controls) {
    const value = given.get(`${name}.${parameter}`) ?? given.get(parameter)
    if (value !== null) found[parameter] = value
  }
  return found
}

// The address of the page as it stands, less what is at its start; `more` are further entries (the slide, say).
export function state(explorers, more = {}) {
  const entries = new URLSearchParams(more)
  if (isTogether() !== isTogether.atFirst) entries.set("together", isTogether() ? "1" : "0")
  for (const {name, spec, start, values} of explorers) {
    const now = values()
    for (const {parameter} of spec.controls) {
      const shared = explorers.some(other => parameter in other.start && other.values()[parameter] !== now[parameter])
      if (now[parameter] !== start[parameter]) entries.set(shared ? `${name}.${parameter}` : parameter, now[parameter])
    }
  }
  return entries.toString()
}

// Whether all pictures of the page move together (together.js of the explorer).
const isTogether = () => Boolean(window.fmspaceTogether?.get(document)?.on)
isTogether.atFirst = false

// A link to another chapter takes the step size and the width along, where the reader has moved them.
export function carry(explorers) {
  const carried = new WeakSet()
  document.addEventListener("click", event => {
    const link = event.target instanceof Element && event.target.closest("a")
    if (link?.matches(".lab")) link.hash = state(explorers)        // which reads the whole address
    if (!link || link.hash && !carried.has(link)) return
    if (!/\.html$/.test(link.pathname) || link.pathname === location.pathname) return
    const taken = new URLSearchParams()
    for (const parameter of ["step_size", "width_ratio"]) {
      const moved = explorers.find(({start, values}) => parameter in start && values()[parameter] !== start[parameter])
      if (moved) taken.set(parameter, moved.values()[parameter])
    }
    link.hash = taken.toString()
    carried.add(link)
  }, true)
}

let timer
export function write(explorers, more) {
  clearTimeout(timer)       // browsers count how often an address changes: once the reader pauses is enough
  timer = setTimeout(() => {
    const text = state(explorers, more?.())
    const place = text ? `#${text}` : location.pathname + location.search
    try { history.replaceState(history.state, "", place) } catch { /* sandboxed */ }
  }, 300)
}

/** @param {any[]} explorers @param {(given: Object) => void} after called now and at every new address */
export function follow(explorers, after = () => {}) {
  const act = () => {
    const given = parameters()
    for (const explorer of explorers) explorer.set(wanted(explorer, given))
    arrive(given)
  }
  const arrive = given => {
    if (given.has("together")) window.fmspaceTogether?.get(document)?.turn(given.get("together") === "1")
    after(given)
  }
  addEventListener("hashchange", act)
  isTogether.atFirst = isTogether()
  arrive(parameters())
}
