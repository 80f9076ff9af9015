// @ts-check
// "Figure 3" in JupyterLab, as exported pages number theirs: by the order of the notebook, which its model knows
// whether a cell is on the screen or not, has been run or not. Other programs that show notebooks give no such model;
// there, no figure has a number.

// Keep the number that view.css puts before the caption right, until the function returned is called.
function numbered(caption, spec, notebook) {
  const look = () => {
    const place = explorersIn(notebook.cells).findIndex(text => text.startsWith(`explore(${spec.name}, `))
    if (place >= 0) caption.dataset.number = place + 1
  }
  look()
  notebook.contentChanged.connect(look)
  return () => notebook.contentChanged.disconnect(look)
}

// The texts of a notebook's explorers ("explore(ladder, step_size=100.0)"), in their order. A cell that has not put out
// the one it declares counts, too, so that the others need not wait for it to have their numbers.
function explorersIn(cells) {
  const found = []
  for (const cell of cells) {
    if (cell.type !== "code" || /\bleads=True\b/.test(cell.sharedModel.getSource())) continue   // a bar is no figure
    const {outputs} = cell
    const put = Array.from({length: outputs.length}, (_, k) => String(outputs.get(k).data["text/plain"] ?? ""))
    const shown = put.filter(text => text.startsWith("explore("))
    const declared = /\bexplore\(/.test(cell.sharedModel.getSource())
    found.push(...(shown.length || !declared ? shown : [""]))
  }
  return found
}
