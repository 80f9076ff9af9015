// @ts-check
// A film: what explorers show at the stops of a sweep, beside and below one another, as a GIF.

const FILM = {frames: 48, lasts: 4000, rests: 1200, largest: 3e6, label: 30}     // milliseconds, bytes, pixels

// The bytes of the film of explorers (what mount returns) while `parameter` goes through its stops. tell(done, all) is
// called after each frame; the explorers end where they were.
/**
 * @param {any[]} explorers @param {string} parameter
 * @param {{width?: number, columns?: number, tell?: (done: number, all: number) => void}} given
 */
export async function film(explorers, parameter, {width = 720, columns = 1, tell = () => {}} = {}) {
  const lead = explorers.find(({control}) => control(parameter))?.control(parameter)
  if (!lead) throw Error(`no slider is called ${parameter}`)
  const last = lead.values.length - 1, count = Math.min(FILM.frames, last + 1)
  const stops = Array.from({length: count}, (_, k) => Math.round(k * last / Math.max(1, count - 1)))
  const before = explorers.map(explorer => explorer.values()), shots = []
  const tile = Math.floor(width / columns)
  try {
    for (const stop of stops) {
      const images = []
      for (const explorer of explorers) images.push(await explorer.photograph({[parameter]: lead.values[stop]}, tile))
      shots.push(images)
      tell(shots.length, count)
    }
  } finally {
    for (const [k, explorer] of explorers.entries()) await explorer.go(before[k])
  }
  for (let scale = 1; ; scale *= 0.8) {
    const bytes = developed(shots, stops, {lead, tile, columns, scale, style: explorers[0].style()})
    if (bytes.length <= FILM.largest || scale < 0.3) return bytes
  }
}

// The film of one explorer as the reader's file; parts.filming and parts.say tell how far it is. Gives the sentence
// that the reader should see, "" for none.
async function saveFilm(explorer, called, parameter, parts) {
  parts.filming("…")
  try {
    const width = Math.min(720, parts.plot.clientWidth)
    const bytes = await film([explorer], parameter, {width, tell: (done, all) => parts.filming(`${done}/${all}`)})
    const link = document.createElement("a")
    link.download = `${called} ${parameter}.gif`
    link.href = URL.createObjectURL(new Blob([bytes], {type: "image/gif"}))
    setTimeout(() => URL.revokeObjectURL(link.href), 10000)
    parts.say(`The film of ${parameter} is saved: ${(bytes.length / 1e6).toFixed(1)} megabytes.`)
    return hand(link)
  } finally {
    parts.filming("")
  }
}

// The frames as a GIF: images in rows, and below them where the sweep stands.
function developed(shots, stops, {lead, tile, columns, scale, style}) {
  const rows = []
  shots[0].forEach((image, k) => {
    const row = Math.floor(k / columns)
    rows[row] = Math.max(rows[row] ?? 0, image.naturalHeight * tile / image.naturalWidth)
  })
  const whole = {width: tile * columns, height: rows.reduce((sum, row) => sum + row, FILM.label)}
  const canvas = document.createElement("canvas")
  canvas.width = Math.round(scale * whole.width)
  canvas.height = Math.round(scale * whole.height)
  const pen = canvas.getContext("2d", {willReadFrequently: true})
  const foots = stops.map((stop, n) => (
    {words: `${name(lead)} = ${reading(lead, stop)}`, share: n / Math.max(1, stops.length - 1), style}))
  const frames = shots.map((images, n) => {
    pen.setTransform(canvas.width / whole.width, 0, 0, canvas.height / whole.height, 0, 0)
    pen.fillStyle = style.surface
    pen.fillRect(0, 0, whole.width, whole.height)
    images.forEach((image, k) => {
      const row = Math.floor(k / columns), top = rows.slice(0, row).reduce((sum, height) => sum + height, 0)
      pen.drawImage(image, k % columns * tile, top, tile, image.naturalHeight * tile / image.naturalWidth)
    })
    foot(pen, whole, foots[n])
    const delay = n === shots.length - 1 ? FILM.rests : Math.min(250, Math.max(60, FILM.lasts / shots.length))
    return {data: pen.getImageData(0, 0, canvas.width, canvas.height).data, delay}
  })
  return gif(canvas.width, canvas.height, frames)
}

// Where the sweep stands: in words, and as a line that fills.
function foot(pen, {width, height}, {words, share, style}) {
  const y = height - FILM.label / 2, left = Math.min(230, width * 0.45), long = width - left - 20
  pen.font = `600 14px ${style.family}`
  pen.textBaseline = "middle"
  pen.fillStyle = style.ink
  pen.fillText(words, 16, y, left - 24)
  pen.fillStyle = style.grid
  pen.fillRect(left, y - 2, long, 4)
  pen.fillStyle = style.accent
  pen.fillRect(left, y - 2, long * share, 4)
}
