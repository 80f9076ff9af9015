// @ts-check
// Values on a grid as a picture: what glide.js needs of a map in colours and of its level lines.

// A smooth map as the address of an image with a pixel a cell, for the browser to stretch and to smooth; z is a list of
// rows, upwards. Where a value is missing the image is clear.
function painted(z, {zmin, zmax, colorscale}) {
  const colours = shades(colorscale), last = colours.length / 4 - 1, rows = z.length, columns = z[0].length
  const {canvas, context} = blank(columns, rows), image = context.createImageData(columns, rows)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const share = (z[i][j] - zmin) / (zmax - zmin)
    if (Number.isNaN(share)) continue
    const shade = 4 * Math.round(last * Math.max(0, Math.min(1, share)))
    image.data.set(colours.subarray(shade, shade + 4), 4 * ((rows - 1 - i) * columns + j))
  }
  context.putImageData(image, 0, 0)
  return canvas.toDataURL()
}

// A colour scale's shades from its low end to its high one, four bytes each.
function shades(colorscale, count = 512) {
  const {context} = blank(count, 1), gradient = context.createLinearGradient(0.5, 0, count - 0.5, 0)
  colorscale.forEach(([place, colour]) => gradient.addColorStop(place, colour))
  context.fillStyle = gradient
  context.fillRect(0, 0, count, 1)
  return context.getImageData(0, 0, count, 1).data
}

function blank(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), {width, height})
  return {canvas, context: canvas.getContext("2d", {willReadFrequently: true})}
}

// The lines of equal z at the levels start, start + size, … up to end, as one path of the short pieces in the grid's
// cells (marching squares, straight between the sides of a cell); columns and rows are the pixels of the grid's lines.
function levelLines(columns, rows, z, {start, end, size}) {
  const pieces = []
  for (let i = 0; i + 1 < rows.length; i++) for (let j = 0; j + 1 < columns.length; j++) {
    const corners = [[j, i, z[i][j]], [j + 1, i, z[i][j + 1]], [j + 1, i + 1, z[i + 1][j + 1]], [j, i + 1, z[i + 1][j]]]
    const low = Math.min(...corners.map(c => c[2])), high = Math.max(...corners.map(c => c[2]))
    const first = Math.max(0, Math.ceil((low - start) / size - 1e-9))
    const last = Math.floor((Math.min(high, end) - start) / size + 1e-9)
    for (let n = first; n <= last; n++) {
      const level = start + n * size, crossings = []
      corners.forEach(([j0, i0, a], k) => {
        const [j1, i1, b] = corners[(k + 1) % 4], share = (level - a) / (b - a)
        const column = columns[j0] + share * (columns[j1] - columns[j0]), row = rows[i0] + share * (rows[i1] - rows[i0])
        if (a < level !== b < level) crossings.push(`${column.toFixed(2)},${row.toFixed(2)}`)
      })
      for (let k = 0; k + 1 < crossings.length; k += 2) pieces.push(`M${crossings[k]}L${crossings[k + 1]}`)
    }
  }
  return pieces.join("") || "M0,0"
}
