/* NHS.UK frontend: error summary focus, button double-click guard, conditional radios. */
import { initAll } from "../nhsuk/nhsuk-frontend.min.js";

initAll();
document.addEventListener("htmx:afterSettle", (event) => initAll({ scope: event.target }));
