// The explorer's view: controls, plot, caption. One file for both lives; it does not know where pictures come from.
//
//   mount(host, {spec, source, plotly, values, onchange})  ->  {set(values), values(), destroy()}
//
// host      the element to draw into; a <figure data-explorer="name" data-figure="module:function"> is put there.
// spec      what ExplorerSpec.json() in spec.py gives:
//             {name, function, caption,
//              controls: [{parameter, words, symbol, unit, scale: "log"|"linear"|"choice",
//                         values: […], texts: […], start}],
//              figure: {data, layout}    plotly's JSON at the start, without its numeric arrays,
//              slots: [[path, shape]]}   where those arrays go, e.g. ["data.0.x", [200]] or ["data.4.z", [60, 60]]
//           Every control is a finite list of stops: `values` (numbers or strings), `texts` as shown; `start` is an index.
// plotly    the Plotly object, or a promise of it.
// source    {connect(show), request(indices)}: where pictures come from.
//             connect  is called once; from then on the source may call show(picture) whenever it has one.
//             request  asks for the picture at these stops, one index a control, in the order of the controls. Called once
//                      at the start and at every move. The source need not answer all: only the newest must come.
//           A picture is {indices, patch, arrays, alt} or {indices, error: "message"}:
//             indices  the stops it belongs to: the view drops what is older than a move it has already shown;
//             patch    {path: value} of what differs from spec.figure besides the arrays (null: not there in this picture),
//                      e.g. {"layout.title.text": "…", "layout.annotations": […], "data.1.name": "…"};
//             arrays   one flat typed array (Float32Array or Float64Array) a slot, in their order; NaN is a gap;
//             alt      the text that says what the picture shows ("" where the figure has none).
// values    optional {parameter: value} to begin with in place of the start.
// onchange  optional, called with {parameter: value} after every move and reset (for an address bar, say).
// set       moves controls to {parameter: value}, each to its nearest stop; names that do not exist, numbers out of range
//           and options that do not exist are ignored. It does not call onchange.
//
// For tests and style sheets the figure carries data-state="busy|ready|error" and data-shown="3,4" (the stops drawn), the
// plot is `.fm-plot` (plotly's gd, with gd.data), and each control carries data-control="parameter". Colours come from CSS
// variables: a page sets --fm-ink, --fm-muted, --fm-grid, --fm-line, --fm-surface, --fm-accent, --fm-error (view.css has
// the fallbacks, JupyterLab's among them); they are read again when the theme changes.

export function mount(host, {spec, source, plotly, values = {}, onchange = () => {}}) {
}
