// @ts-check
// What pages and slides share: mathematics typeset, light and dark, code shown or folded.

// Every element .tex holds TeX as its text. Definitions (\newcommand) hold from there to the end of the page, as in
// JupyterLab.
export function typeset(root = document) {
  const macros = {}
  for (const link of root.querySelectorAll("a:has(> .tex:only-child)")) {
    link.setAttribute("aria-label", link.textContent)   // else nameless
  }
  for (const element of root.querySelectorAll(".tex:not(:has(.katex))")) {
    const displayMode = element.hasAttribute("data-display")
    const options = {displayMode, macros, globalGroup: true, throwOnError: false, strict: "ignore"}
    katex.render(element.textContent, element, options)
  }
  makeScrollable(root)
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
