// @ts-check
// What pages and slides share: mathematics typeset, light and dark, code shown or folded.

// Do things that do not depend on one another: what one of them throws goes to the console, and the next begins.
export function each(...things) {
  for (const act of things) try { act() } catch (error) { reportError(error) }
}

// Every element .tex holds TeX as its text. Definitions (\newcommand) hold from there to the end of the page, as in
// JupyterLab.
export function typeset(root = document) {
  const macros = {}
  for (const link of root.querySelectorAll("a:has(> .tex:only-child)")) {
    link.setAttribute("aria-label", link.textContent)   // else nameless
  }
  each(...[...root.querySelectorAll(".tex:not(:has(.katex))")].map(element => () => {
    const displayMode = element.hasAttribute("data-display")
    const options = {displayMode, macros, globalGroup: true, throwOnError: false, strict: "ignore"}
    const drawn = katex.renderToString(element.textContent, options)         // render() refuses a page without doctype
    element.innerHTML = drawn.replace(/<mo>\u2061<\/mo>(?=<\/msu[bp]>)/g, "")  // a third child, which Firefox refuses
  }))
  makeScrollable(root)
  copyTex()
}

// A formula that is copied is its TeX, between $ or $$; one that the selection cuts is taken whole.
function copyTex() {
  const formula = node => (node instanceof Element ? node : node.parentElement)?.closest(".tex")
  document.addEventListener("copy", event => {
    const selection = getSelection()
    if (!selection.rangeCount || selection.isCollapsed) return
    const range = selection.getRangeAt(0).cloneRange()
    const first = formula(range.startContainer), last = formula(range.endContainer)
    if (first) range.setStartBefore(first)
    if (last) range.setEndAfter(last)
    const copied = document.createElement("div")
    copied.append(range.cloneContents())
    const formulas = copied.querySelectorAll(".tex")
    if (!formulas.length) return
    for (const element of formulas) {
      const mark = element.hasAttribute("data-display") ? "$$" : "$"
      element.replaceWith(`${mark}${element.querySelector("annotation")?.textContent ?? element.textContent}${mark}`)
    }
    event.clipboardData.setData("text/html", copied.innerHTML)
    copied.querySelectorAll("p, li, h1, h2, h3, h4, tr, pre, div").forEach(block => block.append("\n"))
    event.clipboardData.setData("text/plain", copied.textContent)
    event.preventDefault()
  })
}

// What is wider than the screen scrolls by itself, and can be reached by keyboard to do so.
function makeScrollable(root) {
  const wide = [...root.querySelectorAll(".tex[data-display], .table, pre")]
  const mark = element => {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0
    else element.removeAttribute("tabindex")
  }
  const watch = new ResizeObserver(entries => entries.forEach(({target}) => mark(target)))
  wide.forEach(element => watch.observe(element))
  document.fonts.ready.then(() => wide.forEach(mark))      // letters that came late have other widths
}

// The root's data-theme is set before the first paint (head of the template); the button changes and keeps it.
export function themeSwitch(button) {
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)")
  const set = theme => {
    root.dataset.theme = theme
    button.setAttribute("aria-pressed", theme === "dark")
  }
  set(root.dataset.theme)
  button.addEventListener("click", () => {
    set(root.dataset.theme === "dark" ? "light" : "dark")
    try { localStorage.setItem("fmspace-theme", root.dataset.theme) } catch { /* a sandbox keeps nothing */ }
  })
  system.addEventListener("change", () => set(system.matches ? "dark" : "light"))
}

// One switch for all code of the page.
export function codeSwitch(button) {
  const cells = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details.code")])
  button.hidden = !cells.length
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true"
    button.setAttribute("aria-pressed", open)
    cells.forEach(cell => { cell.open = open })
  })
}
