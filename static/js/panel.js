/* The side panel of the grid: one person, or the history of one cell, without leaving the list. Alt with the arrows goes to the
   next person of the list; Escape closes and gives the focus back to the cell. */
(() => {
  "use strict";
  const { grid, say } = window.mobilisation;
  const side = document.getElementById("grid-side");
  if (!grid || !side) return;
  let from = null;

  const query = (row) => {
    const parameters = new URLSearchParams(window.location.search);
    const at = Number(side.dataset.first) + Array.from(row.parentElement.rows).indexOf(row);
    parameters.delete("page");
    parameters.set("at", String(at));
    return parameters.toString();
  };
  grid.side = (path) => {
    from = grid.active();
    window.htmx.ajax("GET", new URL(path, `${window.location.origin}${side.dataset.base}`).pathname + new URL(path, `${window.location.origin}${side.dataset.base}`).search, { source: side, target: "#grid-side-body", swap: "innerHTML" });
  };
  grid.panel = (row) => { if (row) grid.side(`${row.dataset.p}/panel/?${query(row)}`); };

  const close = () => {
    side.hidden = true;
    document.body.classList.remove("has-side");
    document.querySelectorAll("#grid tr.is-open").forEach((row) => row.classList.remove("is-open"));
    const row = document.querySelector(`#grid tr[data-p="${CSS.escape(side.dataset.person || "")}"]`);
    const cell = row && from && from.isConnected ? (row === from.parentElement ? from : row.cells[from.cellIndex]) : row ? row.cells[0] : from;
    if (cell && cell.isConnected) grid.choose(cell);
  };

  // At once with the swap, so that the focus is never without a place.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!(event.target instanceof Element) || event.target.id !== "grid-side-body") return;
    side.hidden = false;
    document.body.classList.add("has-side");
    const who = event.target.querySelector("[data-person]");
    document.querySelectorAll("#grid tr.is-open").forEach((row) => row.classList.remove("is-open"));
    if (who) {
      side.dataset.person = who.dataset.person;
      const row = document.querySelector(`#grid tr[data-p="${CSS.escape(who.dataset.person)}"]`);
      if (row) { row.classList.add("is-open"); row.scrollIntoView({ block: "nearest" }); }
    }
    const title = document.getElementById("aside-title");
    if (title) { title.focus(); say(title.textContent); }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-side-close]")) { event.preventDefault(); close(); } });
  document.addEventListener("keydown", (event) => {
    if (side.hidden) return;
    if (event.key === "Escape" && (side.contains(event.target) || event.target === document.body)) { event.preventDefault(); close(); }
    if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const link = side.querySelector(event.key === "ArrowDown" ? "[data-next]" : "[data-previous]");
      event.preventDefault();
      if (link) link.click(); else say(event.key === "ArrowDown" ? "This is the last person of the list." : "This is the first person of the list.");
    }
  });
})();
