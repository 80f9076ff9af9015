// What the pages bring along besides the browser's own names.
declare const katex: any
declare const Reveal: any
declare const Plotly: any
interface Window { [name: string]: any }
