// @ts-check
// The live life of view.js: its pictures come from the kernel. Every control's value is a trait of the model; the
// kernel answers a change with the trait _picture. ipywidgets keeps one change in flight and the newest behind it, so a
// drag leaves no queue.

export default {
  render({model, el}) {
    const spec = model.get("_spec")
    const parameters = spec.controls.map(control => control.parameter)
    const now = () => Object.fromEntries(parameters.map(parameter => [parameter, model.get(parameter)]))
    let show, own = false                       // own: the model is being changed by this view
    const answer = () => show(received(model.get("_picture")))
    const source = {
      connect(listener) { show = listener },
      request(indices) {
        own = true
        indices.forEach((index, k) => model.set(parameters[k], spec.controls[k].values[index]))
        own = false
        model.save_changes()
        if (model.get("_picture").indices.join() === indices.join()) answer()
      },
    }
    const leaving = new AbortController()
    const view = mount(el, {spec, source, plotly: library(model, leaving.signal), values: now()})
    const follow = () => own || view.set(now())
    model.on("change:_picture", answer)
    for (const parameter of parameters) model.on(`change:${parameter}`, follow)
    const notebook = model.widget_manager?.context?.model
    const leave = notebook?.contentChanged ? numbered(el.querySelector("figcaption"), spec, notebook) : () => {}
    return () => {
      leave()
      model.off("change:_picture", answer)
      for (const parameter of parameters) model.off(`change:${parameter}`, follow)
      leaving.abort()
      view.destroy()
    }
  },
}

// A picture as the kernel sends it, {…, arrays: [DataView]}, with its bytes as numbers: a slot is float64 where its
// bytes say so.
function received({arrays, widths, ...picture}) {
  return {...picture, arrays: arrays?.map((view, k) => {
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)
    return widths[k] === 8 ? new Float64Array(bytes) : new Float32Array(bytes)
  })}
}

// plotly.js of the kernel's plotly, asked for once a page by whichever explorer is drawn first; should that one leave
// before the answer came, the next asks.
function library(model, leaving) {
  const version = model.get("_plotly")
  if (window.Plotly?.version === version) return window.Plotly
  const shelf = (window.fmspacePlotly ??= {})[version] ??= {waiting: new Set()}
  shelf.loaded ??= new Promise(resolve => { shelf.arrived = resolve })
  const ask = () => {
    shelf.asking = model
    model.on("msg:custom", async (message, [code] = []) => {
      if (message.plotly !== version || shelf.came) return
      shelf.came = true
      const script = document.createElement("script")
      script.src = URL.createObjectURL(new Blob([code], {type: "text/javascript"}))
      script.onload = () => { URL.revokeObjectURL(script.src); shelf.arrived(window.Plotly) }
      document.head.append(script)
    })
    model.send({plotly: version})
  }
  if (!shelf.asking) ask()
  shelf.waiting.add(ask)
  leaving.addEventListener("abort", () => {
    shelf.waiting.delete(ask)
    if (shelf.asking !== model || shelf.came) return
    shelf.asking = null
    shelf.waiting.values().next().value?.()
  })
  return shelf.loaded
}
