// @ts-check
// Slides: reveal.js around living figures, a speaker's window, the address.

import {codeSwitch, each, themeSwitch, typeset} from "fmspace/reading"
import {answers} from "fmspace/answers"
import {cards} from "fmspace/card"
import {explorers} from "fmspace/figures"
import {follow, wanted, write} from "fmspace/address"

const WIDTH = 1280, HEIGHT = 720, ROOM = HEIGHT - 40     // what a slide leaves free above, and below for its number
const SMALLEST = 0.6      // letters of 30 px stay letters of 18, which the back row reads; what needs more room scrolls
const printing = /print-pdf/.test(location.search)
const one = selector => document.querySelector(selector)
let closeCard = () => {}
let speaker, started, clock       // the speaker's window, when the talk began, and what shows the time

each(() => window.katex && typeset(), () => themeSwitch(one("#theme")), () => codeSwitch(one("#code")),
  () => answers(), () => { closeCard = cards() })

const deck = new Reveal(one(".reveal"), {
  width: WIDTH, height: HEIGHT, margin: 0.03, center: false, hash: false, history: false, transition: "none",
  slideNumber: "c/t", pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
  showNotes: printing ? "separate-page" : false,
  // Arrow keys move the control that has the focus, and the space bar presses the button.
  keyboardCondition: ({key, target}) =>
    !(target.closest?.("select, input, textarea, .speaker") || key === " " && target.closest?.("button, summary, a")),
})
const place = () => { const {h, v, f} = deck.getIndices(); return [h, v || 0, ...(f >= 0 ? [f] : [])].join(".") }
const all = explorers({initial: wanted, onchange: () => write(all, () => ({slide: place()}))})
const within = slide => all.filter(({element}) => slide?.contains(element))

await deck.initialize()
follow(all, given => {
  const [h, v, f] = given.get("slide")?.split(".").map(Number) ?? []
  const explorer = all.find(({name}) => name === given.get("figure"))
  if (Number.isInteger(h)) deck.slide(h, v || 0, f)
  else if (explorer) { const at = deck.getIndices(explorer.element.closest("section")); deck.slide(at.h, at.v) }
})
deck.on("slidechanged", () => { closeCard(); entered() })
// The number of an equation leads to the slide that has it.
document.querySelector(".slides").addEventListener("click", event => {
  const link = event.target instanceof Element && event.target.closest("a.number[href^='#']")
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return
  event.preventDefault()
  const at = deck.getIndices(document.getElementById(link.hash.slice(1)).closest("section"))
  deck.slide(at.h, at.v)
})
deck.on("fragmentshown", changed)
deck.on("fragmenthidden", changed)
entered()
if (printing) {
  all.forEach(explorer => explorer.draw())
  deck.getSlides().forEach(fit)
}
document.documentElement.dataset.ready = ""

function entered() {
  const slide = deck.getCurrentSlide()
  within(slide).forEach(explorer => explorer.draw())
  fit(slide)
  changed()
  const slides = deck.getSlides(), next = slides[slides.indexOf(slide) + 1]
  setTimeout(() => within(next).forEach(explorer => explorer.draw()), 400)
}
function changed() {
  if (!printing && (location.hash || deck.getSlidePastCount())) write(all, () => ({slide: place()}))
  tell()
}

// A slide with more on it than its height is shown smaller, rather than cut.
function fit(slide) {
  const inside = slide?.querySelector(":scope > .inside")
  if (!inside) return
  const shrink = () => {
    let factor = 1
    scale(inside, factor)
    while (inside.scrollHeight * factor > ROOM && factor > SMALLEST) {      // wider lines need less height, too
      scale(inside, factor = Math.max(SMALLEST, factor - 0.02))
    }
  }
  shrink()
  if (inside.watched) return
  inside.watched = new ResizeObserver(() => requestAnimationFrame(() => {
    if (inside.scrollHeight * inside.scaled > ROOM + 2) shrink()
  }))
  inside.watched.observe(inside)
}
function scale(inside, factor) {
  inside.scaled = factor
  inside.style.cssText = factor < 1 ? `width: ${100 / factor}%; transform: scale(${factor}); transform-origin: 0 0` : ""
  if (factor === SMALLEST) inside.style.cssText += `; max-height: ${ROOM / factor}px; overflow: hidden auto`
}

// A clicker sends these keys. They turn slides whatever has the focus, unless one types there.
const clicker = {PageDown: () => deck.next(), PageUp: () => deck.prev()}
for (const key of ["b", "B", "."]) clicker[key] = () => deck.togglePause()
document.addEventListener("keydown", event => {
  const {key, target, ctrlKey, metaKey, altKey} = event
  const typing = target instanceof Element && target.matches("textarea, input:not([type=range])")
  if (!(key in clicker) || typing || ctrlKey || metaKey || altKey) return
  event.preventDefault()
  event.stopImmediatePropagation()
  clicker[key]()
}, true)
// The key P plays the first slider of the slide.
deck.addKeyBinding({keyCode: 80, key: "P", description: "Play the first slider"}, () => {
  /** @type {HTMLElement | null} */ (deck.getCurrentSlide().querySelector("[data-play]"))?.click()
})
// A finger on a control moves the control.
document.querySelectorAll(".fm-controls").forEach(controls => controls.setAttribute("data-prevent-swipe", ""))


// The speaker's window: notes, what comes next, the time. It belongs to this page, so it needs no server.
deck.addKeyBinding({keyCode: 83, key: "S", description: "Speaker's window"}, openSpeaker)
one("#speaker").addEventListener("click", openSpeaker)
one("#print").addEventListener("click", () => { location.search = "?print-pdf" })
document.addEventListener("keydown", event => {
  const focused = document.activeElement
  if (event.key === "Escape" && focused instanceof HTMLElement) focused.blur()
}, true)

function openSpeaker() {
  speaker = open("", "speaker", "width=960,height=720")
  if (!speaker) return
  started ??= Date.now()
  const page = speaker.document
  page.documentElement.lang = "en"
  page.documentElement.dataset.theme = document.documentElement.dataset.theme
  page.head.replaceChildren(...[...document.querySelectorAll("style")].map(style => style.cloneNode(true)))
  page.title = `Speaker · ${document.title}`
  page.body.className = "speaker"
  page.body.replaceChildren(page.importNode(one("#speaker-view").content, true))
  page.onkeydown = event => {
    const forwards = ["ArrowRight", "ArrowDown", "PageDown", " "], back = ["ArrowLeft", "ArrowUp", "PageUp"]
    const act = forwards.includes(event.key) ? "next" : back.includes(event.key) ? "prev" : null
    if (act) { event.preventDefault(); deck[act]() }
  }
  page.querySelector(".restart").addEventListener("click", () => { started = Date.now(); tick() })
  clearInterval(clock)
  clock = setInterval(tick, 1000)
  tick()
  tell()
}

function tick() {
  if (!speaker || speaker.closed) return clearInterval(clock)
  const seconds = Math.floor((Date.now() - started) / 1000), two = n => String(n).padStart(2, "0")
  speaker.document.querySelector(".elapsed").textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
  const time = new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"})
  speaker.document.querySelector(".clock").textContent = time
}

function tell() {
  if (!speaker || speaker.closed) return
  const slides = deck.getSlides(), slide = deck.getCurrentSlide(), number = slides.indexOf(slide)
  const put = (selector, ...children) => speaker.document.querySelector(selector).replaceChildren(...children)
  const copy = (from, selector) => [...(from?.querySelectorAll(selector) ?? [])]
    .filter(node => !node.parentElement.closest("aside.notes")).map(node => speaker.document.importNode(node, true))
  put(".number", `${number + 1} / ${slides.length}`)
  put(".now", ...copy(slide, ":scope :is(h1, h2, h3)").slice(0, 1))
  const notes = copy(slide, "aside.notes")
  put(".notes", ...(notes.length ? notes.flatMap(note => [...note.childNodes]) : ["No notes for this slide."]))
  const next = slides[number + 1]
  put(".next", ...(next ? copy(next, ":scope :is(h1, h2, h3, p, ul, ol, figcaption)").slice(0, 6) : ["The end."]))
}
