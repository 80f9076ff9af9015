// @ts-check
// In the browser lab: the way back to the chapter's page, or to the list of chapters, where the site has them.

const chapter = new URLSearchParams(location.search).get("path")?.replace(/\.ipynb$/, ".html")
for (const name of [chapter, "index.html"]) {
  const address = name && new URL(`../../${name}`, location.href).href
  if (!address) continue
  fetch(address, {method: "HEAD"}).then(answer => {
    if (!answer.ok || document.querySelector("#fmspace-back")) return
    const link = document.createElement("a")
    Object.assign(link, {id: "fmspace-back", href: address, textContent: "Back to the pages"})
    link.style.cssText = "position:fixed;right:12px;bottom:32px;z-index:9999;padding:4px 8px;border-radius:4px;" +
      "background:#fff;color:#0b57a4;border:1px solid #9aa3ad;font:13px sans-serif"
    document.body.append(link)
  }).catch(() => {})
}
