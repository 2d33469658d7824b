/* The daily grid by keyboard: one tab stop, arrows between cells, a bar that says which cell is chosen and what may be done with
   it. The typing itself is in cells.js. Without these files every cell is a link to its own page. */
(() => {
  "use strict";
  const api = (window.mobilisation = window.mobilisation || {});
  const grid = (api.grid = {});
  let table = null;
  let active = null;

  const rows = () => Array.from(table.rows);
  const body = () => Array.from(table.tBodies[0].rows);
  const columnOf = (cell) => { let at = 0; for (let one = cell.previousElementSibling; one; one = one.previousElementSibling) at += one.colSpan; return at; };
  const cellAt = (row, column) => { let at = 0; for (const cell of row.cells) { at += cell.colSpan; if (column < at) return cell; } return row.cells[row.cells.length - 1]; };
  const last = () => table.tHead.rows[table.tHead.rows.length - 1];
  const headOf = (cell) => last().cells[columnOf(cell)];

  grid.table = () => table;
  grid.active = () => active;
  grid.headOf = headOf;
  grid.rowOf = (cell) => cell.closest("tr[data-p]");
  grid.nameOf = (row) => (row && row.cells[0].querySelector("a") ? row.cells[0].querySelector("a").textContent : "");
  grid.titleOf = (cell) => { const head = headOf(cell); return head ? head.title || (head.querySelector("a") || head).firstChild.textContent.trim() || head.textContent.trim() : ""; };
  grid.edits = (cell) => Boolean(cell && grid.rowOf(cell) && headOf(cell) && headOf(cell).dataset.e);

  const quiet = (scope) => scope.querySelectorAll("a, input").forEach((one) => { if (!one.closest(".app-cell__form")) one.tabIndex = -1; });
  grid.quiet = quiet;

  const show = () => {
    const bar = document.getElementById("cell-bar");
    if (!bar || !active) return;
    const row = grid.rowOf(active);
    const head = headOf(active);
    const kind = row && head ? head.dataset.e || "" : "";
    const settled = kind === "mark" && (active.classList.contains("d") || active.classList.contains("o"));
    bar.querySelector("[data-where]").textContent = row ? `${grid.nameOf(row)} · ${grid.titleOf(active)}` : "Choose a cell";
    const may = { edit: kind && !settled, today: kind === "day", tick: kind === "mark" && !settled, undo: settled, history: row && head && "h" in head.dataset, panel: Boolean(row) };
    Object.entries(may).forEach(([name, on]) => { const button = bar.querySelector(`[data-do=${name}]`); if (button) button.hidden = !on; });
    if (row) active.setAttribute("aria-readonly", kind ? "false" : "true");
  };
  grid.show = show;

  const choose = (cell, focus = true) => {
    if (!cell) return;
    if (active && active !== cell) { active.tabIndex = -1; active.classList.remove("is-active"); }
    active = cell;
    cell.tabIndex = 0;
    cell.classList.add("is-active");
    if (focus) { cell.focus({ preventScroll: true }); cell.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    show();
  };
  grid.choose = choose;

  const step = (cell, down, right) => {
    const all = rows();
    const row = all.indexOf(cell.parentElement);
    const column = columnOf(cell);
    if (down) return cellAt(all[Math.min(Math.max(row + down, 0), all.length - 1)], column);
    const next = right > 0 ? cell.nextElementSibling : cell.previousElementSibling;
    return next || cell;
  };
  grid.down = (cell, by = 1) => { const list = body(); const at = list.indexOf(cell.parentElement) + by; return at >= 0 && at < list.length ? list[at].cells[cell.cellIndex] : cell; };
  /* The next cell that can be typed in, into the next row at the end of this one. */
  grid.nextEdited = (cell, by) => {
    const list = body();
    let row = list.indexOf(cell.parentElement);
    let column = cell.cellIndex + by;
    for (let guard = 0; guard < 200; guard += 1) {
      if (column < 0 || column >= list[row].cells.length) { row += by; if (row < 0 || row >= list.length) return cell; column = by > 0 ? 0 : list[row].cells.length - 1; }
      if (grid.edits(list[row].cells[column])) return list[row].cells[column];
      column += by;
    }
    return cell;
  };

  const moves = {
    ArrowDown: (cell, far) => (far ? cellAt(body()[body().length - 1], columnOf(cell)) : step(cell, 1, 0)),
    ArrowUp: (cell, far) => (far ? cellAt(body()[0], columnOf(cell)) : step(cell, -1, 0)),
    ArrowRight: (cell, far) => (far ? cell.parentElement.lastElementChild : step(cell, 0, 1)),
    ArrowLeft: (cell, far) => (far ? cell.parentElement.firstElementChild : step(cell, 0, -1)),
    Home: (cell, far) => (far ? body()[0].cells[0] : cell.parentElement.firstElementChild),
    End: (cell, far) => (far ? body()[body().length - 1].lastElementChild : cell.parentElement.lastElementChild),
    PageDown: (cell) => step(cell, 10, 0),
    PageUp: (cell) => step(cell, -10, 0),
  };

  const onKey = (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || event.target.closest(".app-cell__form") || event.altKey || event.metaKey) return;
    const move = moves[event.key];
    if (move && !event.shiftKey) { event.preventDefault(); choose(move(cell, event.ctrlKey)); return; }
    if (event.ctrlKey) return;
    if (event.key === "?") { event.preventDefault(); grid.keys(); return; }
    if (!grid.rowOf(cell) && (event.key === "Enter" || event.key === " ")) { const link = cell.querySelector("a"); if (link) { event.preventDefault(); link.focus(); link.click(); } return; }
    const box = cell.querySelector("input[type=checkbox]");
    if (box && (event.key === " " || event.key === "Enter")) { event.preventDefault(); box.click(); }
  };

  grid.keys = () => {
    const dialog = document.getElementById("grid-keys");
    if (!dialog) return;
    dialog.showModal();
    dialog.addEventListener("close", () => { if (active) active.focus(); }, { once: true });
  };

  const meet = () => {
    const found = document.getElementById("grid");
    if (!found || found === table) return;
    table = found;
    table.setAttribute("role", "grid");
    quiet(table);
    for (const row of rows()) for (const cell of row.cells) cell.tabIndex = -1;
    table.addEventListener("keydown", onKey);
    table.addEventListener("focusin", (event) => { const cell = event.target.closest("td, th"); if (cell && cell !== active && !event.target.closest(".app-cell__form")) choose(cell, event.target.matches("a, input") ? false : event.target !== cell); });
    // The letter of the progress says its word to a pointer too.
    table.addEventListener("mouseover", (event) => { const letter = event.target.closest(".g-progress b"); if (letter && !letter.title) letter.title = letter.querySelector("i").textContent.trim(); });
    table.addEventListener("mousedown", (event) => { const cell = event.target.closest("td, th"); if (cell && !event.target.closest("a, input, button, select")) { choose(cell, false); } });
    const box = document.getElementById("grid-box");
    if (box) box.removeAttribute("tabindex");
    const standing = document.activeElement && table.contains(document.activeElement) ? document.activeElement.closest("td, th") : null;
    active = null;
    choose(standing || (body()[0] && body()[0].cells[0]), Boolean(standing));
  };
  meet();
  document.addEventListener("htmx:afterSettle", meet);

  document.addEventListener("click", (event) => {
    if (active && event.target.closest(".app-skip[href='#grid-box']")) { event.preventDefault(); choose(active); return; }
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const act = button.dataset.do;
    if (act === "keys") grid.keys();
    else if (act === "close") button.closest("dialog").close();
    else if (active && grid.act && grid.act[act]) grid.act[act](active);
  });
})();
