// @ts-check
// A plot in the colours and the type of the page it is in, wherever that is.

// A colour of the style sheet, in the words that plotly knows.
function colour(gd, name) {
  const probe = document.createElement("span")
  probe.style.color = `var(--fm-plot-${name})`
  gd.after(probe)
  const [r, g, b, a] = pixel(getComputedStyle(probe).color)
  probe.remove()
  return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`
}

// The figure's own template under the colours and the type of the page: what a figure states itself still wins.
function template(gd, own = {}) {
  const style = getComputedStyle(gd)
  const [ink, muted, grid, line, surface] = ["ink", "muted", "grid", "line", "surface"].map(name => colour(gd, name))
  const clear = "rgba(0,0,0,0)"
  const axis = {color: muted, gridcolor: grid, zerolinecolor: line, linecolor: line, tickcolor: line,
    minor: {tickcolor: line, gridcolor: grid}, title: {font: {color: ink}}}
  const solid = {...axis, showbackground: false}
  const coloured = [{colorbar: {outlinewidth: 0, thickness: 14, tickcolor: line}}]
  return merged(own, {
    layout: {
      paper_bgcolor: clear, plot_bgcolor: clear, font: {color: ink, family: style.fontFamily},
      title: {font: {color: ink}},
      xaxis: axis, yaxis: axis, scene: {xaxis: solid, yaxis: solid, zaxis: solid, bgcolor: clear},
      polar: {bgcolor: clear, angularaxis: axis, radialaxis: axis},
      legend: {bgcolor: clear}, annotationdefaults: {arrowcolor: muted}, coloraxis: coloured[0],
      hoverlabel: {bgcolor: surface, bordercolor: line, font: {color: ink, family: style.fontFamily}},
      ...matchMedia("(pointer: coarse)").matches && {dragmode: false},          // a finger scrolls the page
    },
    data: {heatmap: coloured, contour: coloured, surface: coloured, mesh3d: coloured},
  })
}

function merged(under, over) {
  const object = value => value !== null && typeof value === "object" && !Array.isArray(value)
  return Object.entries(over).reduce(
    (all, [key, value]) => ({...all, [key]: object(value) && object(all[key]) ? merged(all[key], value) : value}),
    {...under})
}

// The four bytes of a colour, whatever its notation.
let canvas
function pixel(colour) {
  canvas ??= Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    .getContext("2d", {willReadFrequently: true})
  canvas.clearRect(0, 0, 1, 1)
  canvas.fillStyle = colour
  canvas.fillRect(0, 0, 1, 1)
  return canvas.getImageData(0, 0, 1, 1).data
}

// plotly's style sheet stands in the document's head; a figure in a shadow root (marimo) needs it there, too.
function dress(gd) {
  const root = gd.getRootNode()
  if (!(root instanceof ShadowRoot) || root.querySelector("[data-plotly]")) return
  const sheet = document.createElement("style")
  sheet.dataset.plotly = ""
  const rules = [...document.styleSheets].filter(({ownerNode}) => ownerNode instanceof Element &&
    ownerNode.id.startsWith("plotly.js-style")).flatMap(({cssRules}) => [...cssRules])
  sheet.textContent = rules.map(({cssText}) => cssText).join("\n")
  root.append(sheet)
}
