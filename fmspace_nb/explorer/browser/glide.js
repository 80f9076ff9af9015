// @ts-check
// What a drag needs of a redraw, without drawing anew: lines, points, bars, their bars of error and their labels glide
// to where the next picture has them, inside the SVG that plotly made. Plotly's own update takes ten times as long,
// mostly over axes, legends and styles that a slider leaves alone; it follows once the slider rests (plot.js).
// Plotly.animate without redraw moves lines, points and bars as well, but not their labels, and a move keeps the
// processor for 14 to 23 ms, where this takes 8 to 12 and Plotly.update 30 to 47 (chapter 03 in Chromium).
//
//   glide(gd, traces, layout)  ->  true, and the figure is moved; or false, and nothing is: plotly must draw this one
//
// traces and layout are what Plotly.update takes. Glided are x, y and error_y.array of scatter traces, y of bars, z of
// smooth maps and level lines (field.js), the text and place of annotations, and lines among the shapes, on axes whose
// range is fixed; surfaces (mesh3d) in a scene whose ranges are fixed. The new values are put into gd.data and
// gd.layout. What plotly draws with more elements than these, or elsewhere than the values say, does not glide:
// tests/browser/test_gliding.py has an example of each.

const GLIDES = /^4\./      // the versions of plotly.js whose insides are known here; others draw every picture anew

const MOVES = {x: "x", y: "y", z: "z", intensity: "intensity", "error_y.array": "error", "marker.color": "colours"}

function glide(gd, traces, layout) {
  const touched = new Set(), steps = []
  for (const [attribute, values] of Object.entries(traces)) {
    if (!(attribute in MOVES)) return false
    values.forEach((value, k) => { if (value !== undefined) touched.add(k) })
  }
  const wanted = gd.data.map(({x, y, z, intensity, error_y, marker}, k) => {
    const next = {x, y, z, intensity, error: error_y?.array, colours: marker?.color}
    for (const [attribute, values] of Object.entries(traces)) {
      if (values[k] !== undefined) next[MOVES[attribute]] = values[k]
    }
    return next
  })
  const pile = k => gd._fullData[k].stackgroup      // what lies on a trace that moves, moves
  const piles = new Set([...touched].map(pile).filter(Boolean))
  gd.data.forEach((_, k) => { if (piles.has(pile(k))) touched.add(k) })
  for (const k of touched) {
    const step = (gd._fullData[k].type === "mesh3d" ? meshStep : traceStep)(gd, k, wanted[k], wanted)
    if (!step) return false
    steps.push(step)
  }
  for (const [attribute, value] of Object.entries(layout)) {
    const now = gd.layout[attribute] ?? [], one = {annotations: annotationStep, shapes: shapeStep}[attribute]
    if (!one || value?.length !== now.length) return false
    const all = value.map((wanted, k) => same(now[k], wanted) ? () => {} : one(gd, k, now[k], wanted))
    if (!all.every(Boolean)) return false
    steps.push(...all, () => { gd.layout[attribute] = value })
  }
  steps.forEach(step => step())
  return true
}

// A surface goes to the graphics card at once; plotly's own update of a scene makes its axes anew.
function meshStep(gd, k, {x, y, z, intensity}) {
  const full = gd._fullData[k], layout = gd._fullLayout[full.scene]
  const scene = layout?._scene, drawn = scene?.traces[full.uid]
  const axes = layout && [layout.xaxis, layout.yaxis, layout.zaxis]
  const fixed = drawn && gd.layout[full.scene].aspectmode === "cube" && axes.every(
    found => !found.autorange && found.type === "linear")
  const lengths = [x, y, z, intensity].map(all => all.length)
  if (!fixed || !intensity || full.cauto || !gd.data[k].i || lengths.some(n => n !== full.x.length)) return null
  return () => {
    for (const trace of [gd.data[k], full]) Object.assign(trace, {x, y, z, intensity})
    drawn.update(full)
    scene.glplot.redraw()
  }
}

function traceStep(gd, k, {x, y, z, error, colours}, all) {
  const full = gd._fullData[k], node = gd.calcdata?.[k]?.[0]?.node3?.node()
  const across = axis(gd, full.xaxis), up = axis(gd, full.yaxis)
  if (!node?.isConnected || !across || !up || !(full.type in PARTS)) return null
  const columns = Array.from(x ?? [], v => across.c2p(across.d2c(v)))
  const drawn = PARTS[full.type]({gd, full, node, x, y, z, error, colours, columns, across, up, all})
  return drawn && (() => {
    Object.assign(gd.data[k], {x, y}, z && {z})
    if (error) gd.data[k].error_y.array = error
    if (colours) gd.data[k].marker.color = colours
    drawn.forEach(([element, attribute, value]) => attribute === "fill" ? element.style.fill = value
      : element.setAttribute(attribute, value))
  })
}

// For each type of trace, [element, attribute, value] of what moves; null where plotly would make or drop elements.
const PARTS = {
  scatter({gd, full, node, x, y, error, colours, columns, across, up, all: wanted}) {
    const grouped = gd._fullLayout.scattermode === "group" || filledTo(gd, full)
    const toThePointBefore = full.marker?.angleref === "previous"
    const turned = toThePointBefore || ![undefined, 0, "auto"].includes(full.line?.backoff)
    if (!x || !y || grouped || turned || full.connectgaps || full.error_x?.visible) return null
    if (full.stackgroup) return stacked({gd, full, node, columns, up, wanted})
    const rows = Array.from(y, v => up.c2p(up.d2c(v))), changes = []
    const all = selector => [...node.querySelectorAll(selector)]
    const lines = all(".js-line"), points = all("path.point"), bars = all("path.yerror")
    if (full.mode.includes("text") || !["none", "toself", undefined].includes(full.fill)) return null
    if (full.mode.includes("lines")) {
      const shape = full.line.shape ?? "linear", d = path(columns, rows, shape), fills = all(".js-fill")
      if (!lines.length || !["linear", "hvh"].includes(shape) || fills.length && d.lastIndexOf("M")) return null
      lines.forEach((line, n) => changes.push([line, "d", n ? "M0,0" : d]))
      fills.forEach(fill => changes.push([fill, "d", `${d}Z`]))
    }
    if (full.mode.includes("markers")) {
      const there = n => Number.isFinite(columns[n]) && Number.isFinite(rows[n])
      if (!stands(points, x.length, there)) return null
      const recoloured = colours !== gd.data[full.index].marker?.color
      const shade = recoloured && Array.from(colours ?? []).every(Number.isFinite) ? shadeOf(full.marker) : null
      if (recoloured && !shade) return null
      if (shade) for (const swatch of swatches(gd, full.index)) changes.push([swatch, "fill", shade(colours[0])])
      for (const point of points) {
        if (shade) changes.push([point, "fill", shade(colours[number(point)])])
        const column = columns[number(point)], row = rows[number(point)]
        const inside = row >= 0 && row <= up._length && column >= 0 && column <= across._length
        const hidden = full.cliponaxis === false && !inside
        changes.push([point, "transform", `translate(${column},${row})`],
          [point, "display", hidden ? "none" : "inline"])
      }
    }
    if (full.error_y?.visible) {
      const {width, symmetric, type} = full.error_y
      const ends = n => [y[n] + error[n], y[n] - error[n]].map(v => up.c2p(up.d2c(v)))
      const there = n => Number.isFinite(columns[n]) && Number.isFinite(rows[n]) && Number.isFinite(ends(n)[0])
      if (symmetric === false || type !== "data" || !stands(bars, x.length, there)) return null
      bars.forEach(bar => changes.push([bar, "d", whisker(columns[number(bar)], ends(number(bar)), width, up._length)]))
    }
    return changes
  },
  bar({gd, full, node, x, y, across, up}) {
    const bars = [...node.querySelectorAll(".point > path")], ground = up.c2p(0), given = gd.data[full.index]
    const {barmode, barnorm} = gd._fullLayout
    const stacked = ["stack", "relative"].includes(barmode) || given.base !== undefined || barnorm
    const barred = full.error_x?.visible || full.error_y?.visible
    const more = barred || full.marker.cornerradius || node.querySelector("text")
    if (stacked || more || !same(x, given.x) || up.type !== "linear" || full.orientation === "h") return null
    if (bars.length !== y?.length || !y.every(Number.isFinite)) return null
    const edge = gd._fullLayout.bargap === 0 ? Math.round : v => v
    return gd.calcdata[full.index].map(({p0, p1}, n) => {
      const top = up.c2p(y[n])
      const left = edge(across.c2p(p0)), right = edge(across.c2p(p1)), foot = edge(ground)
      return [bars[n], "d", `M${left},${foot}V${edge(top)}H${right}V${foot}Z`]
    })
  },
  heatmap({gd, full, node, x, y, z, columns, up}) {
    const image = node.querySelector("image"), given = gd.data[full.index]
    const plain = !full.reversescale && !full.coloraxis && !full.connectgaps && !node.querySelector("text")
    const still = same(x, full.x) && same(y, full.y) && z.length === full.z.length && z[0].length === full.z[0].length
    const upright = even(columns, 1) && even(Array.from(y ?? [], v => up.c2p(up.d2c(v))), -1) && !full.transpose
    const scaled = full.zsmooth && given.zmin !== undefined && given.zmax !== undefined
    if (!image || !still || !plain || !upright || !scaled) return null
    return [[image, "href", painted(z, full)]]
  },
  contour({full, node, x, y, z, columns, up}) {
    const {coloring, showlabels, type} = full.contours, lines = [...node.querySelectorAll(".contourlines path")]
    const labelled = showlabels || coloring !== "none" || type !== "levels"
    const unlike = full.autocontour || full.transpose || full.connectgaps || labelled
    if (!x || !y || !lines.length || unlike || full.line.dash !== "solid") return null
    const d = levelLines(columns, Array.from(y, v => up.c2p(up.d2c(v))), z, full.contours)
    return lines.map((line, n) => [line, "d", n ? "M0,0" : d])
  },
}

// A line without gaps that lies on those before it in its pile, with the room between; all have the same x.
function stacked({gd, full, node, columns, up, wanted}) {
  const below = gd._fullData.filter(({index, stackgroup}) => stackgroup === full.stackgroup && index <= full.index)
  const all = below.map(({index}) => wanted[index]), last = all.at(-1), line = node.querySelector(".js-line")
  const under = below.length > 1 ? gd.calcdata[below.at(-2).index][0].node3.node() : node     // plotly keeps it there
  const fill = [...under.querySelectorAll(".js-fill")].at(below.length > 1 ? -1 : 0)
  const {groupnorm, orientation} = below[0]
  const plain = full.mode === "lines" && full.line.shape === "linear" && !groupnorm && orientation !== "h"
  const alike = all.every(({x, y}) => same(x, last.x) && y.every(Number.isFinite)) && up.type === "linear"
  if (!plain || !alike || !fill || !line) return null
  const edge = count => columns.map((_, n) => up.c2p(all.slice(0, count).reduce((sum, {y}) => sum + y[n], 0)))
  const [top, floor] = [all.length, all.length - 1].map(count => path(columns, edge(count), "linear"))
  const back = floor.slice(1).split("L").reverse().join("L")
  return [[line, "d", top], [fill, "d", `${top}L${back}Z`]]
}

// The colour of a number on a marker's scale, where the scale is fixed.
function shadeOf({cmin, cmax, cauto, colorscale, reversescale, coloraxis}) {
  if (cauto || coloraxis || reversescale || !colorscale) return null
  const colours = shades(colorscale), last = colours.length / 4 - 1
  return value => {
    const shade = 4 * Math.round(last * Math.max(0, Math.min(1, (value - cmin) / (cmax - cmin))))
    return `rgb(${colours.subarray(shade, shade + 3).join()})`
  }
}

// A trace's points in the legend: plotly gives them the colour of the first.
const swatches = (gd, index) => [...gd.querySelectorAll(".legend .traces")]
  .filter(/** @param {any} item */ item => item.__data__?.[0]?.trace?.index === index)
  .flatMap(item => [...item.querySelectorAll(".legendpoints path")])

// The axis by its short name ("x2"), where its range is fixed and its values are numbers.
function axis(gd, name) {
  const found = gd._fullLayout[`${name?.[0]}axis${name?.slice(1)}`]
  return found && !found.autorange && ["linear", "log"].includes(found.type) ? found : null
}

// Whether another trace, not of its pile, fills the room between itself and this one.
const filledTo = (gd, full) => gd._fullData.some(other => other !== full && /^tonext/.test(other.fill)
  && (!full.stackgroup || other.stackgroup !== full.stackgroup)
  && other.xaxis === full.xaxis && other.yaxis === full.yaxis)

// A line or a staircase through the points, broken where one is missing. Far outside the picture a browser's arithmetic
// ends: points are held there.
function path(columns, rows, shape) {
  const held = v => Math.max(-1e5, Math.min(1e5, v)).toFixed(2)
  let d = "", last = null
  for (let n = 0; n < columns.length; n++) {
    const there = Number.isFinite(columns[n]) && Number.isFinite(rows[n])
    if (there && last === null) d += `M${held(columns[n])},${held(rows[n])}`
    else if (there && shape === "linear") d += `L${held(columns[n])},${held(rows[n])}`
    else if (there) d += `H${held((last + columns[n]) / 2)}V${held(rows[n])}H${held(columns[n])}`
    last = there ? columns[n] : null
  }
  return d || "M0,0"
}

// Whether pixels stand evenly, in the direction of the sign: then an image with a pixel a cell can be stretched over
// them.
const even = (places, sign) =>
  places.every((v, n) => n === 0 || sign * (v - places[n - 1]) > 0 &&
    Math.abs(v - places[n - 1] - (places[1] - places[0])) < 0.5)

// Which point of the trace an element shows, and whether the elements show just those that are there.
const number = element => element.__data__?.i
const stands = (elements, length, there) =>
  elements.every(element => there(number(element))) &&
    elements.length === Array.from({length}, (_, n) => there(n)).filter(Boolean).length

// A bar of error with its hats, as plotly draws it; on a logarithmic axis one that reaches below zero has no lower hat.
/** @param {number} column @param {number[]} ends @param {number} width @param {number} height */
function whisker(column, [top, bottom], width, height) {
  const below = Number.isFinite(bottom)
  const foot = below ? `m-${width},0h${2 * width}` : ""
  return `M${column - width},${top}h${2 * width}m-${width},0V${below ? bottom : 2 * height}${foot}`
}

function annotationStep(gd, k, now, wanted) {
  const {text: before, x: x0, y: y0, ...rest} = now, {text, x, y, ...others} = wanted
  const node = gd.querySelector(`.annotation[data-index="${k}"]`), words = node?.querySelector(".annotation-text")
  const anchor = SHARE[wanted.xanchor], tags = label => label.match(/<[^>]*>/g)?.join() ?? ""
  const {showarrow, textangle, width: fixed, bgcolor, bordercolor} = gd._fullLayout.annotations[k]
  const fitted = textangle || fixed || bgcolor !== CLEAR || bordercolor !== CLEAR     // drawn around the text before
  if (showarrow || text !== before && fitted || !inside(gd, wanted.xref, x) || !inside(gd, wanted.yref, y)) return null
  if (!words || !same(rest, others) || !text || !before || tags(text) !== tags(before) || /&/.test(text)) return null
  if (anchor === undefined) return null
  const pieces = text.split(/<[^>]*>/).filter(Boolean), nodes = piecesOf(words)
  const dx = place(gd, wanted.xref, "w", x) - place(gd, wanted.xref, "w", x0)
  const dy = place(gd, wanted.yref, "h", y) - place(gd, wanted.yref, "h", y0)
  if (pieces.length !== nodes.length || !Number.isFinite(dx + dy)) return null
  return () => {
    const width = words.getBBox().width, [left, top] = node.glided ?? [0, 0]
    nodes.forEach((piece, n) => { piece.data = pieces[n] })
    const wider = text === before ? 0 : words.getBBox().width - width
    node.glided = [left + dx + (SHARE[words.getAttribute("text-anchor")] - anchor) * wider, top + dy]
    node.setAttribute("transform", `translate(${node.glided})`)
  }
}

function shapeStep(gd, k, now, wanted) {
  const places = ["x0", "x1", "y0", "y1"]
  const others = Object.keys({...now, ...wanted}).filter(key => !places.includes(key))
  const line = gd.querySelector(`.shapelayer path[data-index="${k}"]`), size = gd._fullLayout._size
  const at = places.map((key, n) => {
    const [reference, start] = n < 2 ? [wanted.xref, size.l] : [wanted.yref, size.t], found = axis(gd, reference)
    if (!found) return start + place(gd, reference, "wwhh"[n], wanted[key])
    return found._offset + found.c2p(found.d2c(wanted[key]))
  })
  const {label, xsizemode, ysizemode} = gd._fullLayout.shapes[k]
  const worded = label?.text || label?.texttemplate, sized = [xsizemode, ysizemode].includes("pixel")
  if (!line || wanted.type !== "line" || worded || sized) return null
  if (!others.every(key => same(now[key], wanted[key])) || !at.every(Number.isFinite)) return null
  return () => line.setAttribute("d", `M${at[0]},${at[2]}L${at[1]},${at[3]}`)
}

const CLEAR = "rgba(0,0,0,0)"

// How much of a text lies left of its anchor.
const SHARE = {left: 0, start: 0, center: 0.5, middle: 0.5, right: 1, end: 1}

// The pieces of text in an element, without the empty ones that plotly puts before lines and around what is raised or
// lowered.
/** @param {Element} words @returns {Text[]} */
function piecesOf(words) {
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT), nodes = []
  for (let text; text = /** @type {Text | null} */ (walker.nextNode());) {
    if (text.data.replace("\u200b", "")) nodes.push(text)
  }
  return nodes
}

// Where an annotation is along "w" or "h", in pixels: on the paper, or on an axis that is fixed.
function place(gd, reference, side, value) {
  const found = axis(gd, reference)
  if (found) return found.l2p(value)
  return reference === "paper" ? (side === "w" ? value : 1 - value) * gd._fullLayout._size[side] : NaN
}

// Whether an annotation is where its axis shows it: plotly drops the others.
function inside(gd, reference, value) {
  const found = axis(gd, reference), pixel = found?.l2p(value)
  return !found || pixel >= 0 && pixel <= found._length
}
