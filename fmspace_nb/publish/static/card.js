// @ts-check
// Words, symbols, references and numbers of equations show what they stand for in a card, without leaving the page.

// What has data-card opens the card of that id: under the pointer, with the keyboard's focus, at a finger's first tap.
// Gives what closes it.
export function cards(root = document) {
  numberEquations(root)
  const card = Object.assign(document.createElement("div"), {id: "card", className: "card", hidden: true})
  card.setAttribute("role", "tooltip")
  document.body.append(card)
  let opener = null, timer = 0
  const hide = () => {
    clearTimeout(timer)
    opener?.removeAttribute("aria-describedby")
    opener = null
    card.hidden = true
  }
  // The pointer has a moment to go onto the card, where it may stay.
  const leave = () => {
    clearTimeout(timer)
    timer = setTimeout(hide, 250)
  }
  card.addEventListener("pointerenter", () => clearTimeout(timer))
  card.addEventListener("pointerleave", leave)
  const show = link => {
    if (link === opener) return
    hide()
    const entry = document.getElementById(link.dataset.card)
    if (!entry) return
    opener = link
    card.replaceChildren(...[...(entry.matches(".tex") ? [entry] : entry.childNodes)].map(node => node.cloneNode(true)))
    for (const name of ["id", "tabindex"]) {
      card.querySelectorAll(`[${name}]`).forEach(node => node.removeAttribute(name))
    }
    card.hidden = false
    link.setAttribute("aria-describedby", "card")
    const place = link.getBoundingClientRect(), {offsetWidth: width, offsetHeight: height} = card
    const below = place.bottom + height + 12 < innerHeight
    card.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`
    card.style.top = `${below ? place.bottom + 6 : Math.max(8, place.top - height - 6)}px`
  }
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-card]"))) {
    let finger = false
    link.addEventListener("pointerenter", ({pointerType}) => {
      if (pointerType !== "touch") timer = setTimeout(() => show(link), 120)
    })
    link.addEventListener("pointerleave", ({pointerType}) => { if (pointerType !== "touch") leave() })
    link.addEventListener("pointerdown", ({pointerType}) => { finger = pointerType === "touch" })
    link.addEventListener("focus", () => { if (!finger) show(link) })
    link.addEventListener("blur", hide)
    link.addEventListener("click", event => {
      if (!finger || link === opener) return
      event.preventDefault()                       // the first tap shows, the second follows
      show(link)
    })
  }
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !opener) return
    event.stopImmediatePropagation()               // a deck would show all its slides
    hide()
  }, true)
  document.addEventListener("pointerdown", event => {
    const inside = event.target instanceof Node && (opener?.contains(event.target) || card.contains(event.target))
    if (!inside) hide()
  })
  addEventListener("scroll", ({target}) => {
    if (!(target instanceof Node && card.contains(target))) hide()
  }, {passive: true, capture: true})
  return hide
}

// The numbers (1), (2), … of a page's own equations in its text become links to them, with the equation as their card.
function numberEquations(root) {
  const equations = new Map()
  for (const element of root.querySelectorAll(".tex[data-display]")) {
    const number = /\\tag\{?(\d+)\}?/.exec(element.querySelector("annotation")?.textContent ?? element.textContent)?.[1]
    if (number && !equations.has(number)) equations.set(number, element)
  }
  const told = node => /\(\d+\)/.test(node.nodeValue) && node.parentElement.closest("p, li, figcaption, td") &&
    !node.parentElement.closest(".tex, a, pre, code, h1, h2, h3, h4")
  const texts = document.createTreeWalker(root.querySelector("article") ?? root.body, NodeFilter.SHOW_TEXT,
    node => told(node) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP)
  const found = /** @type {Text[]} */ ([])
  while (texts.nextNode()) found.push(/** @type {Text} */ (texts.currentNode))
  for (const text of found) {
    const elsewhere = text.previousSibling?.nodeName === "A" && /^, \(\d+\)/.test(text.data)    // another chapter's
    const parts = text.data.split(/(\(\d+\))/).map((part, k) => {
      const equation = k % 2 && !(elsewhere && k === 1) && equations.get(part.slice(1, -1))
      if (!equation) return part
      equation.id ||= `equation-${part.slice(1, -1)}`
      const link = document.createElement("a")
      Object.assign(link, {href: `#${equation.id}`, textContent: part, className: "number"})
      link.dataset.card = equation.id
      return link
    })
    text.replaceWith(...parts)
  }
}
