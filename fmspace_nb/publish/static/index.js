// @ts-check
// The opening page: mathematics in titles, light and dark.

import {themeSwitch, typeset} from "fmspace/reading"

if (window.katex) typeset()
themeSwitch(document.querySelector("#theme"))
document.documentElement.dataset.ready = ""
