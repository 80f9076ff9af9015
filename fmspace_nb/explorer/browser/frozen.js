// @ts-check
// Pictures of a frozen explorer: a source for view.js (see mount there) that reads them from the page; no kernel.
//
//   read(element)   ->  {spec, source, prepare, kept}   element: the <div class="fm-frozen"> that frozen.py wrote;
//                       prepare() unpacks all pictures ahead of the reader's first move, kept(indices) promises one
//   unpack(base64)  ->  promise of {header, state(n)}   the other end of frozen.py's `pack`
//   inflate(base64) ->  promise of the bytes

export function read(element) {
  const text = part => element.querySelector(`.fm-${part}`).textContent
  const spec = JSON.parse(text("spec"))
  const counts = spec.controls.map(control => control.values.length)
  const start = spec.controls.map(control => control.start)
  let wanted = start, grid = null, unpacking = null
  let show = /** @param {Object} picture */ picture => {}

  const number = indices => indices.reduce((n, index, k) => n * counts[k] + index, 0)
  const answer = indices => show({indices, ...grid.state(number(indices))})
  const unreadable = error => show({indices: wanted, error: `this picture could not be read: ${error.message}`})
  const unpackGrid = () => unpacking ??= unpack(text("grid")).then(packed => { grid = packed })

  const source = {
    connect(callback) { show = callback },
    request(indices) {
      wanted = [...indices]
      if (grid) return answer(wanted)
      if (wanted.every((index, k) => index === start[k])) {
        unpack(text("first")).then(first => {
          if (!grid && number(wanted) === number(start)) show({indices: [...start], ...first.state(0)})
        }).catch(unreadable)
        return
      }
      unpackGrid().then(() => answer(wanted)).catch(unreadable)
    },
  }
  const kept = indices => unpackGrid().then(() => grid.state(number(indices)))
  return {spec, source, kept, prepare: () => unpackGrid().catch(() => {})}     // the first move says why it failed
}

export async function inflate(base64) {
  const text = atob(base64), packed = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

export async function unpack(base64) {
  const bytes = await inflate(base64)
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const paths = Object.keys(header.patch)
  const columns = header.slots.length + paths.length + 1
  let offset = 4 + length
  const table = new Uint16Array(bytes.slice(offset, offset += 2 * columns * header.states).buffer)
  const entry = (column, state) => table[column * header.states + state]
  const slots = []
  for (const slot of header.slots) {
    const segment = () => bytes.subarray(offset, offset += slot.count * slot.length * slot.bytes)
    slots.push("same" in slot ? slots[slot.same] : {...slot, numbers: numbers(segment(), slot)})
  }
  return {
    header,
    state(n) {
      const patch = {}
      paths.forEach((path, k) => {
        const value = header.patch[path][entry(slots.length + k, n)]
        if (!value?.start) patch[path] = value
      })
      return {patch, alt: header.alt[entry(columns - 1, n)], arrays: slots.map((slot, k) => values(slot, entry(k, n)))}
    },
  }
}

// Bytes to whole numbers: byte planes put together, differences summed up again.
function numbers(planes, {kind, bytes, count, length, columns, differences}) {
  const size = count * length
  if (kind === "double") {
    const whole = new Uint8Array(8 * size)
    for (let b = 0; b < 8; b++) for (let i = 0; i < size; i++) whole[8 * i + b] = planes[b * size + i]
    return new Float64Array(whole.buffer)
  }
  const result = new Uint32Array(size)
  for (let b = 0; b < bytes; b++) for (let i = 0; i < size; i++) result[i] |= planes[b * size + i] << (8 * b)
  if (!differences) return result
  const mask = bytes === 4 ? 0xffffffff : (1 << (8 * bytes)) - 1
  for (let i = 0; i < size; i++) result[i] = result[i] & 1 ? ~(result[i] >>> 1) & mask : result[i] >>> 1
  for (const step of [...differences].reverse()) {
    const stride = {s: length, r: columns, a: 1}[step]
    const block = step === "s" ? size : length     // sums start anew in each block
    for (let first = 0; first < size; first += block) {
      for (let i = first + stride; i < first + block; i++) result[i] = (result[i] + result[i - stride]) & mask
    }
  }
  return result
}

// One array of a slot, as numbers again; NaN for gaps.
function values({kind, bytes, low, high, length, numbers}, which) {
  const coded = numbers.subarray(which * length, (which + 1) * length)
  if (kind === "double") return coded.slice()
  if (kind === "whole" || kind === "steps") {
    const step = kind === "whole" ? 1 : (high - low) / 65534, gap = 2 ** (8 * bytes) - 1
    return Float64Array.from(coded, number => number === gap ? NaN : low + step * number)
  }
  const dropped = kind === "short" ? 11 : 0, middle = 2 ** (31 - dropped)
  const bits = Uint32Array.from(coded, number => {
    if (number === 0) return 0x7fc00000
    const magnitude = Math.abs(number - middle) * 2 ** dropped
    return number < middle ? magnitude | 0x80000000 : magnitude
  })
  return new Float32Array(bits.buffer)
}
