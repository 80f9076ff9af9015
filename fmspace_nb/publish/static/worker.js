// @ts-check
// The worker of a page that computes: Pyodide from the page's one address, the wheel that the page carries, and then
// a call at a time of fmspace_nb/worker/answer.py. What it is sent is {id, call, args}, what it says {id, result} with
// the arrays beside it, {id, error}, or, while it begins, {said, share}.

/** @type {any} */ const scope = self
/** @type {any} */ let python
/** @type {any} */ let answer

const calls = {
  async start(address, wheel) {
    const say = (share, said) => scope.postMessage({share, said})
    say(0, "Fetching Python")
    scope.importScripts(`${address}pyodide.js`)
    python = await scope.loadPyodide({indexURL: address, stdout() {}, stderr() {}})
    for (const [share, name] of [[0.35, "numpy"], [0.5, "scipy"], [0.85, "threadpoolctl"]]) {
      say(share, `Fetching ${name}`)
      const loaded = await python.loadPackage(name, {messageCallback() {}, errorCallback() {}})
      if (!loaded.some(one => one.name === name)) throw Error(`${address} did not give ${name}`)
    }
    say(0.9, "Starting the mathematics")
    python.unpackArchive(wheel, "wheel")
    answer = python.pyimport("fmspace_nb.worker.answer")
  },
  begin: (name, spec) => JSON.parse(answer.begin(name, spec)),
  own: (parameter, source) => { answer.own(parameter, source) },
  picture(name, values) {
    const drawn = answer.picture(name, values), [head, ...arrays] = drawn.toJs()
    drawn.destroy()
    return [JSON.parse(head), ...arrays]
  },
}

scope.onmessage = async ({data: {id, call, args}}) => {
  try {
    scope.postMessage({id, result: await calls[call](...args)})
  } catch (error) {
    const last = String(error?.message ?? error).trim().split("\n").at(-1)       // of Python's traceback
    const ours = /^(?:Value|Type)?Error: (.*)/.exec(last)?.[1] ?? `it cannot be drawn at these values (${last})`
    scope.postMessage({id, error: ours})
  }
}
