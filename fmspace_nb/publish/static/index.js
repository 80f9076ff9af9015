// @ts-check
// The opening page: mathematics in titles, light and dark.

import {each, themeSwitch, typeset} from "fmspace/reading"

each(() => window.katex && typeset(), () => themeSwitch(document.querySelector("#theme")))
document.documentElement.dataset.ready = ""
