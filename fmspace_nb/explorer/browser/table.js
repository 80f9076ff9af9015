// @ts-check
// The traces as one tidy CSV table: a row a point (or a cell of a grid), a column a kind of value. The columns `fixed`,
// the trace and what its axes are called come first. A byte order mark before it tells Excel that it is UTF-8.
function table({data: traces, layout}, fixed) {
  const bare = text => text.replace(/<[^>]*>/g, "")
  const called = (trace, letter) => {
    const axis = layout[`${letter}axis${(trace[`${letter}axis`] ?? letter).slice(1)}`]
    return axis?.title?.text ? {[`${letter} is`]: bare(axis.title.text)} : {}
  }
  const list = v => Array.isArray(v) || ArrayBuffer.isView(v)
  const rows = traces.flatMap((trace, k) => {
    const columns = Object.entries({...trace, error_x: trace.error_x?.array, error_y: trace.error_y?.array})
      .filter(([key, value]) => list(value) && !/customdata|template|colorscale/.test(key))
    const first = {...fixed, trace: bare(trace.name ?? `trace ${k}`), ...called(trace, "x"), ...called(trace, "y")}
    if (list(trace.z?.[0])) {
      const cell = (key, value, i, j) => list(value[0]) ? value[i][j] : value[key === "y" ? i : j]
      return Array.from(trace.z).flatMap((row, i) => Array.from(row, (_, j) => (
        {...first, ...Object.fromEntries(columns.map(([key, value]) => [key, cell(key, value, i, j)]))})))
    }
    const length = Math.max(0, ...columns.map(([, value]) => value.length))
    const row = i => Object.fromEntries(columns.map(([key, value]) => [key, value[i]]))
    return Array.from({length}, (_, i) => ({...first, ...row(i)}))
  })
  const keys = [...new Set(rows.flatMap(Object.keys))]
  const number = v => Number.isFinite(v) ? Number(v.toPrecision(7)) : ""
  const text = v => typeof v === "number" ? number(v) : `"${String(v ?? "").replaceAll('"', '""')}"`
  const lines = rows.map(row => keys.map(key => key in row ? text(row[key]) : "").join())
  return [keys.map(text).join(), ...lines].join("\n")
}
