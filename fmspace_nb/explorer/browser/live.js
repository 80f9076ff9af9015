// @ts-check
// The live life of view.js: its pictures come from the kernel. Every control's value is a trait of the model; the
// kernel answers a change with the trait _picture. ipywidgets keeps one change in flight and the newest behind it, so a
// drag leaves no queue.

export default {
  render({model, el}) {
    const spec = model.get("_spec")
    const parameters = spec.controls.map(control => control.parameter)
    const now = () => Object.fromEntries(parameters.map(parameter => [parameter, model.get(parameter)]))
    const leaving = new AbortController(), home = homeOf(model), isThere = answers(home, leaving.signal)
    let show, own = false                       // own: the model is being changed by this view
    const answer = () => show(received(model.get("_picture")))
    const source = {
      connect(listener) { show = listener },
      request(indices) {
        if (!isThere()) {
          return show({indices, error: "the kernel of this picture has restarted or stopped: run this cell again"})
        }
        own = true
        indices.forEach((index, k) => model.set(parameters[k], spec.controls[k].values[index]))
        own = false
        model.save_changes()
        if (model.get("_picture").indices.join() === indices.join()) answer()
      },
    }
    const plotly = library(model, home, leaving.signal)
    const view = mount(el, {spec, source, plotly, values: now(), group: home})
    saysWhatItWaitsFor(el, plotly)
    if (!model.hasReadAddress) view.set(addressed(spec.name, parameters))
    model.hasReadAddress = true                 // drawn again, it stays where the reader moved it
    if (spec.leads) requestAnimationFrame(() => raise(el.querySelector("[data-journey]")))
    const follow = () => own || view.set(now())
    model.on("change:_picture", answer)
    for (const parameter of parameters) model.on(`change:${parameter}`, follow)
    const notebook = home.context?.model
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

// What all explorers of a notebook share: ipywidgets' manager. Marimo makes an object a model, which only finds models:
// there it is the page.
function homeOf({widget_manager: manager}) {
  return manager?.create_view ? manager : document
}

// What the address holds for an explorer, as that of a page does: #step_size=300, or #ladder.step_size=300.
function addressed(name, parameters) {
  const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "")
  const found = parameters.map(p => [p, given.get(`${name}.${p}`) ?? given.get(p)])
  return Object.fromEntries(found.filter(([, value]) => value !== null))
}

// A bar stays in view: it leaves its cell for the head of the notebook, which would take the focus from it.
function raise(bar) {
  const notebook = bar?.closest(".jp-WindowedPanel-outer")
  if (!notebook) return
  bar.addEventListener("focusin", event => event.stopPropagation())
  notebook.prepend(bar)
}

// A picture as the kernel sends it, {…, arrays: [DataView]}, with its bytes as numbers: a slot is float64 where its
// bytes say so.
function received({arrays, widths, ...picture}) {
  return {...picture, arrays: arrays?.map((view, k) => {
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)
    return widths[k] === 8 ? new Float64Array(bytes) : new Float32Array(bytes)
  })}
}

// plotly.js of the kernel's plotly: from this browser's shelf, or else each kernel is asked once, by whichever of its
// explorers is drawn first, and the first answer serves the page. Should the explorer that asked leave before the
// answer came, the next one asks.
async function library(model, kernel, leaving) {
  const version = model.get("_plotly")
  if (window.Plotly?.version === version) return window.Plotly
  const shelf = (window.fmspacePlotly ??= {})[version] ??= {kernels: new Map(), kept: kept(version)}
  shelf.loaded ??= new Promise((resolve, reject) => Object.assign(shelf, {arrived: resolve, refused: reject}))
  const run = code => {
    if (shelf.came) return
    shelf.came = true
    const script = document.createElement("script")
    script.src = URL.createObjectURL(new Blob([code], {type: "text/javascript"}))
    script.onload = () => { URL.revokeObjectURL(script.src); shelf.arrived(window.Plotly) }
    script.onerror = () => shelf.refused("this page refuses plotly.js, which draws the figures")
    document.head.append(script)
  }
  const found = await shelf.kept
  if (found) run(found)
  if (found || leaving.aborted) return shelf.loaded
  const waiting = shelf.kernels.get(kernel) ?? new Set()
  shelf.kernels.set(kernel, waiting)
  const ask = () => {
    model.on("msg:custom", (message, [code] = []) => {
      if (message.plotly !== version || shelf.came) return
      run(code)
      keep(version, code)
    })
    model.send({plotly: version})
  }
  const asks = () => waiting.values().next().value
  waiting.add(ask)
  if (asks() === ask) ask()
  leaving.addEventListener("abort", () => {
    const mine = asks() === ask
    waiting.delete(ask)
    if (mine && !shelf.came) asks()?.()
  })
  return shelf.loaded
}

// A figure says what it waits for, once that takes longer than a second.
function saysWhatItWaitsFor(element, plotly) {
  const busy = element.querySelector(".fm-busy")
  busy.dataset.waits = "waiting for plotly.js (5 MB), which draws the figures …"
  plotly.catch(() => {}).then(() => { delete busy.dataset.waits })
}

// Whether the kernel that made this model still answers: () => boolean. Only a JupyterLab tells.
function answers({kernel}, leaving) {
  let gone = false
  const follow = (_, status) => { gone ||= ["restarting", "autorestarting", "terminating", "dead"].includes(status) }
  kernel?.statusChanged?.connect(follow)
  leaving.addEventListener("abort", () => kernel?.statusChanged?.disconnect(follow))
  return () => !gone && !kernel?.isDisposed
}
