// @ts-check
// A chapter's page: mathematics, contents that follow, switches, figures, the address.

import {codeSwitch, each, themeSwitch, typeset} from "fmspace/reading"
import {answers} from "fmspace/answers"
import {cards} from "fmspace/card"
import {drawInOrder, explorers} from "fmspace/figures"
import {carry, follow, wanted, write} from "fmspace/address"

const one = selector => document.querySelector(selector)

each(
  () => window.katex && typeset(),
  () => themeSwitch(one("#theme")),
  () => answers(),
  () => cards(),
  () => codeSwitch(one("#code")),
  () => one(".contents") && contents(one(".contents")))

export const all = explorers({initial: wanted, onchange: () => write(all)})
follow(all, given => {
  const explorer = all.find(({name}) => name === given.get("figure"))
  explorer?.element.scrollIntoView({block: "center"})
})
carry(all)
drawInOrder(all)
document.querySelectorAll(".fm-frozen :not([data-journey]) > .fm-foot figcaption:not(:empty)").forEach((caption, k) => {
  caption.setAttribute("data-number", String(k + 1))
})
document.documentElement.dataset.ready = ""

// The table of contents marks the section being read: the last heading above the upper third of the window.
function contents(list) {
  const links = [...list.querySelectorAll("a")]
  const headings = links.map(link => document.getElementById(decodeURIComponent(link.hash.slice(1))))
  const wide = matchMedia("(min-width: 76rem)")
  const fold = () => { list.open = wide.matches }
  wide.addEventListener("change", fold)
  fold()
  list.addEventListener("click", event => { if (event.target.closest("a") && !wide.matches) list.open = false })
  let marked, due = false
  const mark = () => {
    due = false
    const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2
    const above = headings.findLastIndex(heading => heading.getBoundingClientRect().top < innerHeight / 3)
    const here = links[end ? links.length - 1 : above]
    if (here === marked) return
    marked?.removeAttribute("aria-current")
    here?.setAttribute("aria-current", "location")
    marked = here
  }
  addEventListener("scroll", () => { if (!due) { due = true; requestAnimationFrame(mark) } }, {passive: true})
  mark()
}
