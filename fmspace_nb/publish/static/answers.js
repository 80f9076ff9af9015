// @ts-check
// Exercises that answer in the page: a field, a check against hashes (course/asked.py has the other end), a hint after
// two misses.

export function answers(root = document) {
  for (const form of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-answer]"))) {
    const field = form.querySelector("input"), said = form.querySelector("[role=status]")
    const bytes = Uint8Array.from(atob(form.dataset.check), letter => letter.charCodeAt(0))
    const check = JSON.parse(new TextDecoder().decode(bytes))
    let misses = 0
    const answer = () => {
      const value = evaluated(field.value)
      if (Number.isNaN(value)) {
        said.textContent = `A number is asked for, such as 0.25, 1e-3 or 42/7, not “${field.value.trim()}”.`
        form.dataset.state = "unread"
        return
      }
      const bin = value === 0 ? "0" : `${value < 0 ? "-" : "+"}${Math.round(Math.log(Math.abs(value)) / check.step)}`
      const hash = hashed(`${form.dataset.answer}:${bin}`), right = check.right.includes(hash)
      misses += right ? 0 : 1
      const slip = check.slips.find(([hashes]) => hashes.includes(hash))?.[1]
      form.dataset.state = right ? "right" : "wrong"
      said.textContent = right ? `✓ ${check.praise}` : `✗ ${slip ?? (misses > 1 ? check.hint : "Not yet.")}`
    }
    form.querySelector("button").addEventListener("click", answer)      // no form: a sandboxed frame forbids those
    field.addEventListener("keydown", event => { if (event.key === "Enter") answer() })
  }
}

// The number a reader means: digits, a power of ten, a fraction of two such; NaN otherwise.
function evaluated(text) {
  const parts = text.replace(/[\s\u202f']/g, "").replace(/−/g, "-").replace(/^([^.]*),([^,.]*)$/, "$1.$2").split("/")
  const numbers = parts.map(part => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part) ? Number(part) : NaN)
  return parts.length > 2 ? NaN : numbers.reduce((a, b) => a / b)
}

export function hashed(text) {
  let high = 0xdeadbeef, low = 0x41c6ce57
  for (const code of new TextEncoder().encode(text)) {
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (0x1fffff & low) + (high >>> 0)
}
