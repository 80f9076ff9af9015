// @ts-check
// The reader's hand on the picture: where an axis stands for a control (layout.meta.drives: {"x": "step_size"}), a
// place that is clicked, tapped or dragged to moves that control.

// move({parameter: value}) is called with what the place stands for. Returns what undoes it.
function drive(gd, drives, move) {
  const leaving = new AbortController(), {signal} = leaving
  let held = false, /** @type {{x: number, y: number} | null} */ finger = null
  const pull = event => {
    const place = placeOf(gd, drives, event)
    if (place) move(place)
    return Boolean(place)
  }
  gd.addEventListener("pointerdown", event => {
    if (event.button || event.target.closest(".legend")) return
    if (event.pointerType === "touch") finger = {x: event.clientX, y: event.clientY}      // it may want to scroll
    else held = pull(event)
  }, {signal, capture: true})
  addEventListener("pointermove", event => { if (held) pull(event) }, {signal})
  addEventListener("pointerup", event => {
    if (finger && Math.hypot(event.clientX - finger.x, event.clientY - finger.y) < 8) pull(event)
    held = false
    finger = null
  }, {signal})
  addEventListener("pointercancel", () => { held = false; finger = null }, {signal})
  return () => leaving.abort()
}

// {parameter: value} of the axes in whose panel an event is; null where it is in none.
function placeOf(gd, drives, {clientX, clientY}) {
  const box = gd.getBoundingClientRect(), scale = box.width / gd.offsetWidth
  const at = {x: (clientX - box.left) / scale, y: (clientY - box.top) / scale}
  const axis = id => gd._fullLayout?.[`${id[0]}axis${id.slice(1)}`]
  const within = ({_id, _offset, _length}) => at[_id[0]] >= _offset && at[_id[0]] <= _offset + _length
  const found = Object.entries(drives).filter(([id]) => axis(id) && within(axis(id)) && within(axis(axis(id).anchor)))
  if (!found.length) return null
  return Object.fromEntries(found.map(([id, parameter]) => [parameter, axis(id).p2d(at[id[0]] - axis(id)._offset)]))
}
