/* Typing in the cells of the grid. Each cell saves itself through the address of its own page; the answer is the row anew. A
   refused value stays in its cell with the reason; the focus is never taken from where the person is. */
(() => {
  "use strict";
  const { grid, say } = window.mobilisation;
  if (!grid) return;
  const pad = (number) => String(number).padStart(2, "0");
  const today = () => document.getElementById("cell-bar").dataset.today;
  const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

  /* 3/4 (of this year), 3.4.27, 3 Apr 2027 → 2027-04-03; what is none of these goes to the server as typed and comes back with its reason. */
  const asDay = (text) => {
    const typed = text.trim();
    if (!typed || /^\d{4}-\d\d-\d\d$/.test(typed)) return typed;
    const parts = typed.toLowerCase().match(/^(\d{1,2})[\s./-]+(\d{1,2}|[a-z]{3,9})(?:[\s./-]+(\d{2}|\d{4}))?$/);
    if (!parts) return typed;
    const month = /^\d/.test(parts[2]) ? Number(parts[2]) : MONTHS.indexOf(parts[2].slice(0, 3)) + 1;
    const year = parts[3] ? (parts[3].length === 2 ? `20${parts[3]}` : parts[3]) : today().slice(0, 4);
    return month >= 1 && month <= 12 && Number(parts[1]) >= 1 && Number(parts[1]) <= 31 ? `${year}-${pad(month)}-${pad(parts[1])}` : typed;
  };
  const dayShown = (iso) => (/^\d{4}-\d\d-\d\d$/.test(iso) ? `${Number(iso.slice(8))}/${Number(iso.slice(5, 7))}/${iso.slice(0, 4)}` : iso);
  const kindOf = (cell) => grid.headOf(cell).dataset.e;
  const linkOf = (cell) => cell.querySelector(":scope > a");
  const addressOf = (cell) => cell._address || new URL(linkOf(cell).getAttribute("href"), window.location.href).pathname;
  /* The value behind what is shown: a dash is none, a day is read off its words. */
  const standing = (cell) => {
    if ("v" in cell.dataset) return cell.dataset.v;
    const link = linkOf(cell);
    if (!link || link.querySelector("i")) return "";
    return kindOf(cell) === "day" ? asDay(link.textContent) : link.textContent;
  };
  const settled = (cell) => kindOf(cell) === "mark" && (cell.classList.contains("d") || cell.classList.contains("o"));
  const editorOf = (cell) => cell.querySelector(".app-cell__form");
  const spoken = (cell) => `${grid.titleOf(cell)} of ${grid.nameOf(grid.rowOf(cell))}`;
  const forget = (cell) => document.dispatchEvent(new CustomEvent("app:forget", { detail: addressOf(cell) }));

  /* The cell as the server drew it last, put back where an editor stood. */
  const putBack = (cell, made) => {
    const was = cell.classList.contains("is-active");
    cell.className = made.className;
    cell.classList.toggle("is-active", was);
    ["v", "r"].forEach((name) => { if (name in made.dataset) cell.dataset[name] = made.dataset[name]; else delete cell.dataset[name]; });
    cell.innerHTML = made.innerHTML;
    grid.quiet(cell);
  };
  const close = (cell) => { if (cell._drawn) { putBack(cell, cell._drawn); cell._drawn = null; } cell._said = null; forget(cell); };

  const refresh = (row, html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const made = holder.content.querySelector("tr");
    if (!made) { say("This person is no longer in your list."); return; }
    row.dataset.n = made.dataset.n;
    Array.from(row.cells).forEach((cell, place) => {
      const fresh = made.cells[place];
      if (!fresh || cell.querySelector("input[type=checkbox][name=person]")) return;
      if (editorOf(cell)) cell._drawn = fresh;
      else if (cell.innerHTML !== fresh.innerHTML || cell.className !== fresh.className || cell.dataset.r !== fresh.dataset.r) putBack(cell, fresh);
    });
  };

  /* A choice that is typed, letter by letter from the one that opened the cell: the list's own search would begin anew at the second
     letter and choose another one. What no choice begins with is said, and the one chosen before stays. */
  const spelled = (field, first) => {
    let typed = "";
    const add = (letters) => {
      const asked = (typed + letters).toLowerCase();
      const found = Array.from(field.options).find((one) => one.value === asked || one.text.trim().toLowerCase().startsWith(asked));
      if (found) { typed += letters; field.value = found.value; } else if (letters.trim()) say(`No choice begins with ${typed}${letters}. Chosen: ${field.selectedOptions.length ? field.selectedOptions[0].text : "none"}.`);
    };
    if (first) add(first);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Backspace") { event.preventDefault(); typed = typed.slice(0, -1); if (typed) add(""); return; }
      if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) { typed = ""; return; }
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || (event.key === " " && !typed)) return;
      event.preventDefault();
      add(event.key);
    });
  };

  const open = (cell, { typed = null, pointer = false } = {}) => {
    if (!grid.edits(cell)) return null;
    if (editorOf(cell)) { const field = editorOf(cell).querySelector(".app-cell__input"); field.focus(); return field; }
    if (settled(cell)) { say(`${grid.titleOf(cell)} is done: ${linkOf(cell).textContent}. Delete undoes it.`); return null; }
    const kind = kindOf(cell);
    const name = kind === "mark" ? "on" : grid.headOf(cell).dataset.f;
    const before = kind === "mark" ? "" : standing(cell);
    cell._drawn = cell.cloneNode(true);
    cell._address = addressOf(cell);
    cell._said = { version: grid.rowOf(cell).dataset.n, record: cell.dataset.r || "", was: before, refused: null };
    const editor = document.createElement("div");
    editor.className = "app-cell__form";
    editor.dataset.kept = cell._address;
    const choices = kind === "choice" ? document.getElementById(`choices-${name}`) : null;
    const field = document.createElement(choices ? "select" : "input");
    field.className = choices ? "nhsuk-select app-cell__input" : "nhsuk-input app-cell__input";
    field.name = name;
    field.setAttribute("aria-label", spoken(cell));
    if (choices) { field.append(choices.content.cloneNode(true)); field.value = before; spelled(field, typed || ""); }
    else {
      const day = kind === "day" || kind === "mark";
      field.type = day && pointer ? "date" : "text";
      field.autocomplete = "off";
      if (kind === "number") field.inputMode = "decimal";
      if (day && !pointer) field.placeholder = "3/4/2027";
      const text = kind === "mark" ? today() : before;
      field.value = typed !== null ? typed : field.type === "date" ? text : day ? dayShown(text) : text;
    }
    editor.append(field);
    cell.replaceChildren(editor);
    cell.classList.add("is-editing");
    field.focus();
    if (typed === null && field.select && field.type !== "date") field.select();
    document.dispatchEvent(new CustomEvent("app:part"));
    return field;
  };

  const valueOf = (cell) => {
    const field = editorOf(cell).querySelector(".app-cell__input");
    return ["day", "mark"].includes(kindOf(cell)) ? asDay(field.value) : field.value;
  };

  /* Why it was refused, beside what was typed. */
  const why = (cell, answer) => {
    const editor = editorOf(cell);
    const old = editor.querySelector(".app-cell__why");
    if (old) old.remove();
    const box = document.createElement("div");
    box.className = "app-cell__why";
    const id = `why-${Math.random().toString(36).slice(2, 8)}`;
    box.id = id;
    const list = document.createElement("ul");
    (answer.reasons || []).forEach((text) => { const one = document.createElement("li"); one.textContent = text; list.append(one); });
    box.append(list);
    const acts = document.createElement("p");
    const button = (words, act) => { const one = document.createElement("button"); one.type = "button"; one.className = "app-link-button"; one.textContent = words; one.addEventListener("click", act); acts.append(one, " "); };
    if (answer.version !== undefined) {
      button("Keep theirs", () => { close(cell); grid.choose(cell); say("Theirs is kept."); });
      button("Save mine", () => {
        Object.assign(cell._said, { version: answer.version.split("/")[0], record: answer.version.split("/")[1] || "", was: answer.was ? JSON.parse(answer.was)[grid.headOf(cell).dataset.f] || "" : "", refused: null });
        save(cell); grid.choose(cell);
      });
    } else button("Take it back", () => { close(cell); grid.choose(cell); });
    (answer.more || []).forEach(([words, url]) => { const one = document.createElement("a"); one.href = url; one.textContent = words; acts.append(one, " "); });
    box.append(acts);
    editor.append(box);
    const field = editor.querySelector(".app-cell__input");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    cell.classList.remove("is-saving");
    cell.classList.add("is-refused");
    // Enter has gone on already: the reason is read whole all the same, and where one is stays in sight.
    const active = grid.active();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (active && active !== cell) active.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const saved = (cell, words) => {
    const mark = document.createElement("span");
    mark.className = "app-cell__saved";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = "✓ saved";
    cell.append(mark);
    cell.classList.add("is-saved");
    if (grid.active() === cell) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    window.setTimeout(() => { mark.remove(); cell.classList.remove("is-saved"); }, 6000);
    say(words);
  };

  /* One after the other for a row, so that each sees what the one before made of it. */
  const send = (cell, values) => {
    const row = grid.rowOf(cell);
    cell.classList.add("is-saving");
    cell.classList.remove("is-refused");
    const address = addressOf(cell);
    row._queue = (row._queue || Promise.resolve()).then(() => new Promise((done) => {
      const heard = (event) => {
        if (event.detail.elt !== cell) return;
        cell.removeEventListener("htmx:afterRequest", heard);
        done();
        cell.classList.remove("is-saving");
        const { status, responseText } = event.detail.xhr;
        let answer = null;
        try { answer = JSON.parse(responseText); } catch { answer = null; }
        if (status === 200 && answer) {
          if (editorOf(cell)) { cell._drawn = cell._drawn || cell.cloneNode(true); editorOf(cell).remove(); }
          cell._drawn = null; cell._said = null;
          const focus = document.activeElement === document.body && grid.active() === cell;
          refresh(row, answer.row);
          saved(cell, answer.said);
          if (focus) cell.focus({ preventScroll: true });
          grid.show();
        } else if (status === 422 && answer) {
          refresh(row, answer.row);
          if (!editorOf(cell)) reopen(cell, values);
          cell._said.refused = valueOf(cell);
          why(cell, answer);
          say(`Refused: ${spoken(cell)}. ${answer.reasons.join(" ")}`);
        } else if (editorOf(cell)) why(cell, { reasons: ["Not saved: the server does not answer, or the session has ended. What you typed is still here."] });
      };
      cell.addEventListener("htmx:afterRequest", heard);
      const { query } = grid.table().dataset;
      window.htmx.ajax("POST", query ? `${address}?${query}` : address, { source: cell, target: cell, swap: "none", values: { ...values, version: values.version || "" } });
    }));
  };
  /* A tick or a cleared cell that was refused without an editor: what was asked for stands in one. */
  const reopen = (cell, values) => {
    const had = document.activeElement;
    const drawn = cell.cloneNode(true);
    cell.classList.remove("d", "o");
    const field = open(cell, { typed: dayShown(values.on || values[grid.headOf(cell).dataset.f] || "") });
    cell._drawn = drawn;
    if (values.act === "undo" && field) { field.value = ""; field.hidden = true; }
    const row = grid.rowOf(cell);
    cell._said.version = row.dataset.n;
    if (had && had !== cell && had !== document.body) had.focus({ preventScroll: true });
  };

  const fieldsOf = (cell, value) => {
    const name = grid.headOf(cell).dataset.f;
    const said = cell._said || { version: grid.rowOf(cell).dataset.n, record: cell.dataset.r || "", was: standing(cell) };
    if (kindOf(cell) === "mark") return { on: value, act: "done", version: `${said.version}/${said.record}` };
    return { [name]: value, version: said.version, was: JSON.stringify({ [name]: said.was }) };
  };

  const save = (cell) => {
    const value = valueOf(cell);
    if (kindOf(cell) !== "mark" && value === cell._said.was) { close(cell); return; }
    if (kindOf(cell) === "mark" && !value) { close(cell); return; }
    if (cell._said.refused === value) return;
    send(cell, fieldsOf(cell, value));
  };

  const tick = (cell) => {
    if (settled(cell)) { say(`${grid.titleOf(cell)} is done already. Delete undoes it.`); return; }
    send(cell, fieldsOf(cell, today()));
  };
  const undo = (cell) => { if (settled(cell)) send(cell, { act: "undo", version: `${grid.rowOf(cell).dataset.n}/${cell.dataset.r || ""}` }); };
  grid.act = {
    edit: (cell) => open(cell),
    today: (cell) => { if (kindOf(cell) === "mark") tick(cell); else send(cell, fieldsOf(cell, today())); cell.focus(); },
    tick: (cell) => { tick(cell); cell.focus(); },
    undo: (cell) => { undo(cell); cell.focus(); },
    history: (cell) => grid.side(`${grid.rowOf(cell).dataset.p}/history/${grid.headOf(cell).dataset.k}/`),
    panel: (cell) => grid.panel(grid.rowOf(cell)),
  };

  document.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element && event.target.closest("#grid td, #grid th");
    if (!cell || !grid.rowOf(cell)) return;
    const editor = event.target.closest(".app-cell__form");
    if (editor) {
      if (event.target.tagName === "BUTTON" || event.target.tagName === "A") { if (event.key === "Escape") { event.preventDefault(); close(cell); grid.choose(cell); } return; }
      const day = ["day", "mark"].includes(kindOf(cell)) && event.target.type === "text";
      if (event.key === "Escape") { event.preventDefault(); close(cell); grid.choose(cell); say("Taken back."); }
      else if (event.key === "Enter") { event.preventDefault(); save(cell); grid.choose(grid.down(cell, event.shiftKey ? -1 : 1)); }
      else if (event.key === "Tab") {
        // From a refused value the way leads first to its reasons and what to do about them.
        if (!event.shiftKey && editor.querySelector(".app-cell__why button") && cell._said.refused === valueOf(cell)) return;
        event.preventDefault(); save(cell); grid.choose(grid.nextEdited(cell, event.shiftKey ? -1 : 1));
      } else if (day && event.key === "t" && (!event.target.value || event.target.selectionEnd - event.target.selectionStart === event.target.value.length)) { event.preventDefault(); event.target.value = dayShown(today()); }
      return;
    }
    if (event.altKey) {
      if (event.key === "Enter") { event.preventDefault(); grid.act.panel(cell); }
      else if (event.key.toLowerCase() === "h" && "h" in grid.headOf(cell).dataset) { event.preventDefault(); grid.act.history(cell); }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (cell.cellIndex === 0 && event.key === "Enter" && event.target === cell) { event.preventDefault(); grid.act.panel(cell); return; }
    if (!grid.edits(cell)) {
      if (event.target === cell && (event.key === "Enter" || event.key === "F2" || (event.key.length === 1 && event.key !== "?" && event.key !== " "))) say(`${grid.titleOf(cell)} is not changed here.`);
      return;
    }
    const kind = kindOf(cell);
    if (event.key === "Enter" || event.key === "F2") { event.preventDefault(); open(cell); }
    else if (editorOf(cell)) { if (event.key === "Escape") { event.preventDefault(); close(cell); } }
    else if (event.key === " " && kind === "mark") { event.preventDefault(); tick(cell); }
    else if (event.key === "t" && (kind === "mark" || kind === "day")) { event.preventDefault(); grid.act.today(cell); }
    else if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); if (kind === "mark") undo(cell); else if (standing(cell)) send(cell, fieldsOf(cell, "")); }
    else if (event.key.length === 1 && event.key !== "?" && event.key !== " ") { event.preventDefault(); open(cell, { typed: event.key }); }
  });

  document.addEventListener("click", (event) => {
    const cell = event.target.closest("#grid tbody td, #grid tbody th");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a");
    if (cell.cellIndex === 0 && link) { event.preventDefault(); grid.choose(cell); grid.panel(grid.rowOf(cell)); return; }
    if (!grid.edits(cell) || event.target.closest(".app-cell__form")) return;
    if (link) event.preventDefault();
    const again = grid.active() === cell && cell._touched;
    grid.choose(cell);
    cell._touched = true;
    // A tick is an act: the first click only chooses the cell.
    if (kindOf(cell) !== "mark" || ((again || event.detail === 0) && !settled(cell))) open(cell, { pointer: event.detail > 0 });
  });
  document.addEventListener("focusout", (event) => {
    const editor = event.target instanceof Element && event.target.closest(".app-cell__form");
    if (!editor) return;
    const cell = editor.closest("td");
    window.setTimeout(() => { if (cell && cell.isConnected && editor.isConnected && !cell.contains(document.activeElement) && document.hasFocus() && cell._said && !cell.classList.contains("is-saving")) save(cell); }, 0);
  });
})();
