/* Cells of the tracker: Enter saves, Escape gives the cell back as it was. The list stands inside the form that marks
   many people, which Enter in a cell must not send. Without this file the cell's own page does the same. */
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element && event.target.closest(".app-cell__form");
    if (!cell || event.target.tagName === "BUTTON") return;
    const button = cell.querySelector(event.key === "Enter" ? "[data-cell-save]" : event.key === "Escape" ? "[data-cell-cancel]" : "[data-none]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
