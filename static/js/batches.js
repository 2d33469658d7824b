/* Choosing people on the list and changing many at once: the bar appears when somebody is ticked, Shift with Space or an arrow
   ticks rows by keyboard, a block pasted on a cell goes to its preview. Without this file the bar is a form under the table and
   pasting has its own page. */
(() => {
  "use strict";
  const api = (window.mobilisation = window.mobilisation || {});
  const bar = () => document.querySelector("[data-bulk]");
  const boxes = () => Array.from(document.querySelectorAll("#grid input[name=person]"));
  const boxOf = (row) => row && row.querySelector("input[name=person]");
  let spoken = 0;
  let anchor = null;

  const show = (aloud = true) => {
    const form = bar();
    if (!form) return;
    const every = form.querySelector("[data-bulk-all]");
    const number = boxes().filter((box) => box.checked).length;
    const all = Boolean(every && every.checked);
    const words = all ? every.parentElement.textContent.trim() : `${number} ticked`;
    form.querySelector("[data-bulk-none]").hidden = true;
    const count = form.querySelector("[data-bulk-count]");
    count.hidden = false;
    count.textContent = words;
    form.hidden = !number && !all;
    form.classList.toggle("app-bulk--on", !form.hidden);
    // Whatever has the focus is never under the bar: the page keeps that much free below it.
    document.documentElement.style.scrollPaddingBottom = form.hidden ? "" : `${form.offsetHeight + 8}px`;
    const focused = document.activeElement && document.activeElement.closest("#grid td, #grid th");
    if (focused && !form.hidden) focused.scrollIntoView({ block: "nearest", inline: "nearest" });
    boxes().forEach((box) => box.closest("tr").classList.toggle("is-ticked", box.checked || all));
    const head = document.querySelector("#grid .h-pick input");
    if (head) { head.checked = number > 0 && number === boxes().length; head.indeterminate = number > 0 && !head.checked; }
    if (!aloud) return;
    window.clearTimeout(spoken);
    spoken = window.setTimeout(() => api.say && api.say(number || all ? words : "Nobody ticked"), 250);
  };

  const tick = (box, on) => { if (box && box.checked !== on) box.checked = on; };
  const every = (on) => { boxes().forEach((box) => tick(box, on)); const all = bar() && bar().querySelector("[data-bulk-all]"); if (!on && all) all.checked = false; show(); };

  const meet = () => {
    const head = document.querySelector("#grid .h-pick");
    if (head && !head.querySelector("input") && boxes().length) {
      const box = document.createElement("input");
      box.type = "checkbox";
      box.setAttribute("aria-label", "Tick everybody on this page");
      if (api.grid) box.tabIndex = -1;
      box.addEventListener("change", () => every(box.checked));
      head.append(box);
    }
    show(false);
  };

  document.addEventListener("change", (event) => { if (event.target.matches("#grid input[name=person], [data-bulk-all]")) show(); });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-bulk-page]")) { every(true); return; }
    if (event.target.closest("[data-bulk-clear]")) { every(false); return; }
    const opener = event.target.closest("[data-bulk-open]");
    if (opener) { opener.setAttribute("aria-expanded", String(bar().classList.toggle("app-bulk--open"))); return; }
    if (!event.target.matches("#grid input[name=person]")) return;
    const list = boxes();
    if (event.shiftKey && anchor && list.includes(anchor)) {
      const [from, to] = [list.indexOf(anchor), list.indexOf(event.target)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((box) => tick(box, event.target.checked));
      show();
    }
    anchor = event.target;
  });

  document.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element && event.target.closest("#grid td, #grid th");
    if (!cell || event.target.closest(".app-cell__form") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (cell.matches(".h-pick") && event.key === " " && event.target === cell) { event.preventDefault(); cell.querySelector("input").click(); return; }
    const row = cell.closest("tr[data-p]");
    if (!row || !event.shiftKey || !boxOf(row)) return;
    if (event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      boxOf(row).checked = !boxOf(row).checked;
      anchor = boxOf(row);
      show();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      event.preventDefault();
      event.stopPropagation();
      tick(boxOf(row), true);
      if (next && boxOf(next)) {
        tick(boxOf(next), true);
        if (api.grid && api.grid.choose) api.grid.choose(next.cells[cell.cellIndex]);
        else boxOf(next).focus();
      }
      show();
    }
  }, true);

  document.addEventListener("paste", (event) => {
    const form = document.getElementById("paste-block");
    const cell = document.activeElement && document.activeElement.closest("#grid tbody td, #grid tbody th");
    if (!form || !cell || document.activeElement.matches("input:not([type=checkbox]), textarea, select") || !event.clipboardData) return;
    const text = event.clipboardData.getData("text/plain");
    if (!text.trim()) return;
    event.preventDefault();
    const rows = Array.from(cell.closest("tbody").rows);
    const heads = Array.from(document.querySelectorAll("#grid thead tr:last-child > *"));
    form.elements.text.value = text;
    form.elements.people.value = rows.slice(rows.indexOf(cell.parentElement)).map((row) => row.dataset.p).join(",");
    form.elements.columns.value = heads.slice(cell.cellIndex).map((head) => head.dataset.k || "").filter(Boolean).join(",");
    if (api.say) api.say("Reading what was pasted");
    form.submit();
  });

  meet();
  document.addEventListener("htmx:afterSettle", meet);
  window.addEventListener("pageshow", () => show(false));
})();
