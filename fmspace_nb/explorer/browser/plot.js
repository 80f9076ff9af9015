// @ts-check
// The plot of an explorer: drawn once, then updated in place with what differs from the picture before, at most once a
// frame and always with the newest picture; its colours (theme.js), and its downloads (table.js). view.js says what
// a spec and a picture are.

/** A picture, as view.js says. @typedef {{indices: number[], patch: Object, arrays: any[], alt: string}} Picture */

class Plot {
  // gd: the element to draw in, which gives the size; plotly: Plotly or a promise of it; shown(picture) is called when
  // one is drawn, failed(message, picture) when one cannot be. this.library is Plotly once it came, this.plotly once it
  // has drawn.
  /**
   * @param {any} gd @param {any} spec @param {any} plotly
   * @param {(picture: Picture) => void} shown @param {(message: string, picture?: Picture) => void} failed
   */
  constructor(gd, spec, plotly, shown, failed) {
    this.gd = gd
    this.spec = spec
    this.shown = shown
    this.failed = failed
    this.leaves = new Map(leaves(spec.figure))
    /** @type {Picture | null} what waits to be drawn */ this.next = null
    /** @type {Picture | undefined} what is drawn now */ this.picture = undefined
    /** @type {Map<string, any>} path -> value, as drawn */ this.drawn = new Map()
    /** @type {any[]} the arrays drawn */ this.arrays = []
    /** @type {any} */ this.library = null
    /** @type {any} */ this.plotly = null
    /** @type {any} */ this.theme = null
    this.drawing = this.gone = this.glided = false
    this.resizes = new ResizeObserver(() => this.plotly && gd.clientWidth && this.plotly.Plots.resize(gd))
    this.themes = new MutationObserver(() => this.recolour())
    this.scheme = matchMedia("(prefers-color-scheme: dark)")
    this.schemeChanged = () => this.recolour()
    Promise.resolve(plotly).then(loaded => { this.library = loaded; this.draw() }, error => this.fail(error))
  }

  show(picture) {
    this.next = picture
    this.draw()
  }

  // Forget the picture that waits to be drawn.
  drop() {
    this.next = null
  }

  // The still picture of the start goes: it is drawn, or another one is wanted.
  bare() {
    this.gd.querySelector(":scope > .fm-sheet")?.remove()
  }

  async draw() {
    if (this.drawing || !this.library || !this.next || this.gone) return
    this.drawing = true
    this.picture = this.next
    this.next = null
    if (isSolid(this.spec.figure) && !hasWebGL()) return this.describe()
    try {
      await (this.plotly ? this.update(this.picture) : this.begin(this.picture))
      if (!this.gone) this.shown(this.picture)
    } catch (error) {
      this.fail(error)
    }
    if (this.gone) this.library.purge(this.gd)
    requestAnimationFrame(() => {
      this.drawing = false
      this.draw()
    })
  }

  // A surface on a machine without WebGL: words in place of the picture.
  describe() {
    this.drawing = false
    this.failed(`This surface needs WebGL, which this browser does not offer. It shows: ${this.picture.alt}`,
      this.picture)
  }

  // What plotly left half done is drawn from the beginning next time.
  fail(error) {
    if (this.gone) return
    clearTimeout(this.resting)
    Object.assign(this, {plotly: null, glided: false})
    this.failed(String(error), this.picture)
  }

  // {figure, drawn, theme} of a picture: what plotly draws, the same by path, and the colours of the page in it.
  whole({patch, arrays}) {
    const drawn = new Map([...this.leaves, ...Object.entries(patch)])
    const theme = template(this.gd, this.spec.figure.layout.template)
    /** @type {any} */ const figure = {data: this.spec.figure.data.map(() => ({})), layout: {}}
    const put = (path, value) => {
      const keys = path.split("."), last = keys.pop()
      keys.reduce((node, key) => node[key] ??= {}, figure)[last] = value
    }
    drawn.forEach((value, path) => put(path, structuredClone(value)))
    this.spec.slots.forEach(([path, shape], k) => put(path, shaped(arrays[k], shape)))
    figure.layout.template = theme
    return {figure, drawn, theme}
  }

  async begin(picture) {
    const {figure, drawn, theme} = this.whole(picture), {arrays} = picture
    const options = {displayModeBar: false, plotGlPixelRatio: devicePixelRatio}
    dress(this.gd)
    await this.library.newPlot(this.gd, figure.data, figure.layout, options)
    this.bare()
    if (this.gone) return
    Object.assign(this, {plotly: this.library, drawn, arrays, theme})
    this.resizes.observe(this.gd)
    for (const element of [document.documentElement, document.body]) this.themes.observe(element, {attributes: true})
    this.scheme.addEventListener("change", this.schemeChanged)
  }

  async update({patch, arrays}) {
    const wanted = new Map([...this.leaves, ...Object.entries(patch)])
    for (const path of this.drawn.keys()) if (!wanted.has(path)) wanted.set(path, null)
    const traces = {}, layout = {}
    const put = (path, value) => {
      const [, place, attribute] = /^(layout|data\.\d+)\.(.*)$/.exec(path)
      if (place === "layout") layout[attribute] = value
      else (traces[attribute] ??= this.spec.figure.data.map(() => undefined))[place.slice(5)] = value
    }
    wanted.forEach((value, path) => {
      if (!same(value, this.drawn.get(path) ?? null)) put(path, structuredClone(value))
    })
    this.spec.slots.forEach(([path, shape], k) => {
      if (!same(arrays[k], this.arrays[k])) put(path, shaped(arrays[k], shape))
    })
    if (Object.keys(traces).length || Object.keys(layout).length) {
      const glided = this.glides(traces, layout)
      if (!glided) await this.plotly.update(this.gd, traces, layout)
      this.glided ||= glided
      this.rest()
    }
    Object.assign(this, {drawn: wanted, arrays})
  }

  // Whether the figure has glided. glide.js reads plotly's insides: where they are not as it knows them, plotly draws.
  glides(traces, layout) {
    if (!GLIDES.test(this.plotly.version)) return false
    try {
      return glide(this.gd, traces, layout)
    } catch {
      return false
    }
  }

  // Once the slider rests, plotly draws what has glided: its hover labels and its own roundings follow.
  rest() {
    clearTimeout(this.resting)
    if (this.glided && !this.gone) this.resting = setTimeout(() => this.drawing ? this.rest() : this.settle(), 200)
  }

  async settle() {
    this.drawing = true
    this.glided = false
    try {
      await this.plotly.redraw(this.gd)
    } catch (error) {
      this.fail(error)
    }
    this.drawing = false
    this.draw()
  }

  // Undo the reader's zooming and turning.
  home() {
    if (!this.plotly) return
    const layout = {}
    for (const key of Object.keys(this.gd.layout)) {
      const range = this.drawn.get(`layout.${key}.range`)
      if (/^[xy]axis\d*$/.test(key)) layout[range ? `${key}.range` : `${key}.autorange`] = range ? [...range] : true
      if (/^scene\d*$/.test(key)) layout[`${key}.camera`] = this.spec.figure.layout[key]?.camera ?? null
    }
    this.plotly.relayout(this.gd, layout)
  }

  recolour() {
    requestAnimationFrame(() => {
      const theme = template(this.gd, this.spec.figure.layout.template)
      if (!this.plotly || same(theme, this.theme)) return
      this.theme = theme
      this.plotly.relayout(this.gd, {template: theme})
    })
  }

  // Hand the reader the figure ("svg", "png") or its values ("csv") as a file; the columns `fixed` name what it shows.
  // Gives the sentence that the reader should see, "" for none.
  async save(kind, name, fixed) {
    if (!this.plotly) return "There is no figure to save yet."
    const link = document.createElement("a")
    link.download = `${name}.${kind}`
    if (kind === "csv") {
      link.href = URL.createObjectURL(new Blob(["\ufeff", table(this.gd, fixed)], {type: "text/csv"}))
      setTimeout(() => URL.revokeObjectURL(link.href), 10000)
    } else {
      const paper_bgcolor = colour(this.gd, "surface")
      const {clientWidth: width, clientHeight: height} = this.gd
      link.href = await this.plotly.toImage({data: this.gd.data, layout: {...this.gd.layout, paper_bgcolor}},
        {format: kind, width, height, scale: kind === "png" ? 2 : 1})
    }
    return hand(link)
  }

  // What is drawn, without the reader's zooming, as the address of a picture so many pixels wide.
  photograph(width) {
    const {figure} = this.whole(/** @type {Picture} */ (this.picture))
    figure.layout.paper_bgcolor = colour(this.gd, "surface")
    return this.plotly.toImage(figure, {format: "png", width, height: this.spec.figure.layout.height ?? 420})
  }

  // What else is drawn beside the figure takes from it: colours and letters.
  style() {
    const [ink, grid, surface, accent] = ["ink", "grid", "surface", "accent"].map(name => colour(this.gd, name))
    return {ink, grid, surface, accent, family: getComputedStyle(this.gd).fontFamily}
  }

  destroy() {
    this.gone = true
    clearTimeout(this.resting)
    this.resizes.disconnect()
    this.themes.disconnect()
    this.scheme.removeEventListener("change", this.schemeChanged)
    this.plotly?.purge(this.gd)
    this.plotly = null
  }
}

// Hand the reader a file. Gives the sentence that the reader should see, "" for none.
function hand(link) {
  link.click()
  const framed = window !== window.top && origin === "null"            // a sandbox refuses without a word
  return framed ? "If no file came, the frame around this page forbids it: open the page in a window of its own." : ""
}

// [path, value] of everything in a figure that is neither an object nor its list of traces. The template is handled
// apart, and the size is the element's.
const APART = ["layout.template", "layout.height", "layout.width", "layout.autosize"]
function* leaves(value, path = "") {
  const inner = path === "data" || value !== null && typeof value === "object" && !Array.isArray(value)
  if (APART.includes(path)) return
  if (!inner) yield [path, value]
  else for (const [key, below] of Object.entries(value)) yield* leaves(below, path ? `${path}.${key}` : key)
}

/** @param {any} value @returns {value is Float64Array} any typed array */
function isArray(value) {
  return ArrayBuffer.isView(value)
}

/** @param {any} a @param {any} b */
function same(a, b) {
  if (a === b || typeof a !== "object" || typeof b !== "object") return a === b
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((v, k) => Object.is(v, b[k]))
  return JSON.stringify(a) === JSON.stringify(b)
}

function shaped(flat, [rows, columns]) {
  if (columns === undefined) return flat
  return Array.from({length: rows}, (_, k) => flat.subarray(k * columns, (k + 1) * columns))
}

/** @param {any} figure */
function isSolid({data}) {
  return data.some(({type}) => ["mesh3d", "surface", "scatter3d"].includes(type))
}

let webgl
function hasWebGL() {
  return webgl ??= Boolean(document.createElement("canvas").getContext("webgl"))
}
