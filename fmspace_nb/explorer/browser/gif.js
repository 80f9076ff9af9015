// @ts-check
// A film as an animated GIF (GIF89a): one palette for all frames, and of each frame only what has changed.

const STAYS = 255                       // the colour of a pixel that stays as it was
const BINS = 1 << 15                    // colours by five bits a channel

/**
 * @param {{data: Uint8ClampedArray, delay: number}[]} frames RGBA and milliseconds; each width × height
 * @returns {Uint8Array<ArrayBuffer>} the file
 */
export function gif(width, height, frames) {
  const {palette, number} = colours(frames.map(({data}) => data))
  const out = [...ascii("GIF89a"), ...short(width), ...short(height), 0xf7, 0, 0, ...palette,
    0x21, 0xff, 11, ...ascii("NETSCAPE2.0"), 3, 1, 0, 0, 0]                        // for ever
  let before = null
  for (const {data, delay} of frames) {
    const now = new Uint8Array(width * height)
    for (let i = 0; i < now.length; i++) now[i] = number[bin(data, 4 * i)]
    const [left, top, right, bottom] = changed(now, before, width, height)
    const part = new Uint8Array((right - left) * (bottom - top))
    for (let y = top, k = 0; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++, k++) {
        part[k] = before && before[i] === now[i] ? STAYS : now[i]
      }
    }
    out.push(0x21, 0xf9, 4, before ? 5 : 4, ...short(Math.round(delay / 10)), STAYS, 0,
      0x2c, ...short(left), ...short(top), ...short(right - left), ...short(bottom - top), 0, 8)
    for (const byte of packed(part)) out.push(byte)
    before = now
  }
  out.push(0x3b)
  return Uint8Array.from(out)
}

const ascii = text => [...text].map(letter => letter.charCodeAt(0))
const short = number => [number & 255, number >> 8]
const bin = (data, i) => data[i] >> 3 << 10 | data[i + 1] >> 3 << 5 | data[i + 2] >> 3

// The 255 colours that cover the most, each the mean of its bin, and for every bin the number of the nearest of them.
function colours(pictures) {
  const counts = new Float64Array(BINS), sums = [0, 1, 2].map(() => new Float64Array(BINS))
  for (const data of pictures) {
    for (let i = 0; i < data.length; i += 4) {
      const at = bin(data, i)
      counts[at]++
      for (let c = 0; c < 3; c++) sums[c][at] += data[i + c]
    }
  }
  const used = [...counts.keys()].filter(at => counts[at]).sort((a, b) => counts[b] - counts[a])
  const mean = at => sums.map(sum => Math.round(sum[at] / counts[at]))
  const palette = new Uint8Array(3 * 256), number = new Uint8Array(BINS)
  /** @type {any[]} */ const kept = used.slice(0, STAYS).map(mean)
  kept.forEach((colour, k) => palette.set(colour, 3 * k))
  used.forEach((at, k) => {
    if (k < STAYS) { number[at] = k; return }
    const [r, g, b] = mean(at)
    const away = ([x, y, z]) => (x - r) ** 2 + (y - g) ** 2 + (z - b) ** 2
    number[at] = kept.reduce((best, colour, j) => away(colour) < away(kept[best]) ? j : best, 0)
  })
  return {palette, number}
}

// The smallest box outside of which nothing has changed, at least one pixel: [left, top, right, bottom].
function changed(now, before, width, height) {
  if (!before) return [0, 0, width, height]
  let left = width, top = height, right = 0, bottom = 0
  for (let i = 0; i < now.length; i++) {
    if (now[i] === before[i]) continue
    const x = i % width, y = Math.floor(i / width)
    if (x < left) left = x
    if (x >= right) right = x + 1
    if (y < top) top = y
    bottom = y + 1
  }
  return bottom ? [left, top, right, bottom] : [0, 0, 1, 1]
}

// LZW as GIF has it, in blocks of 255 bytes.
function* packed(pixels) {
  const START = 258, known = new Map()
  let size = 9, next = START, held = 0, bits = 0, prefix = pixels[0]
  /** @type {number[]} */ let block = []
  function* emit(code) {
    held |= code << bits
    for (bits += size; bits >= 8; bits -= 8, held >>>= 8) {
      block.push(held & 255)
      if (block.length === 255) { yield 255; yield* block; block = [] }
    }
  }
  yield* emit(256)
  for (let i = 1; i < pixels.length; i++) {
    const key = prefix << 8 | pixels[i], code = known.get(key)
    if (code !== undefined) { prefix = code; continue }
    yield* emit(prefix)
    prefix = pixels[i]
    if (next === 4096) {
      yield* emit(256)
      known.clear()
      next = START
      size = 9
    } else {
      if (next >= 1 << size) size++
      known.set(key, next++)
    }
  }
  yield* emit(prefix)
  yield* emit(257)
  if (bits) block.push(held & 255)
  if (block.length) { yield block.length; yield* block }
  yield 0
}
