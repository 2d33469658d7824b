/* What was typed outlives an idle time-out: kept in this tab only (sessionStorage), under the address and the user,
   given back to the same user on the same page, and thrown away on saving or signing out. Never passwords or files. */
(() => {
  "use strict";
  const user = document.body.dataset.user;
  const PREFIX = "draft:";
  const store = (() => { try { return window.sessionStorage; } catch { return null; } })();
  if (!store) return;

  const forget = (match) => Object.keys(store).filter((key) => key.startsWith(PREFIX) && match(key)).forEach((key) => store.removeItem(key));
  // A page without a user lies between: the session ended before the server saw the form.
  const GAP = "draft-gap";
  if (!user) { if (Object.keys(store).some((key) => key.startsWith(PREFIX))) store.setItem(GAP, "1"); return; }
  // Another person at the same screen: nothing of the one before is kept.
  forget((key) => !key.startsWith(`${PREFIX}${user}:`));
  const gap = store.getItem(GAP) === "1";
  store.removeItem(GAP);

  const skip = new Set(["hidden", "password", "file", "submit", "button", "image", "reset"]);
  const fieldsOf = (form) => Array.from(form.elements).filter((field) => field.name && !field.disabled && !skip.has(field.type) && field.autocomplete !== "one-time-code" && !field.closest("[data-no-draft]"));
  const forms = Array.from(document.querySelectorAll("form")).filter((form) => form.method === "post" && !form.matches("[data-no-draft], [data-sign-out]") && fieldsOf(form).length);
  const keyOf = (form, index) => `${PREFIX}${user}:${window.location.pathname}:${form.id || form.getAttribute("action") || index}`;
  const read = (form) => fieldsOf(form).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? `${field.value}=${field.checked}` : field.multiple ? Array.from(field.selectedOptions, (option) => option.value) : field.value]);
  const write = (form, values) => fieldsOf(form).forEach((field, index) => {
    const kept = values[index];
    if (!kept || kept[0] !== field.name) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept[1] === `${field.value}=true`;
    else if (field.multiple) Array.from(field.options).forEach((option) => { option.selected = kept[1].includes(option.value); });
    else field.value = kept[1];
  });

  // The page after a sent form: without a gap the server has seen it, so what is shown now is the truth.
  const LAST = `${PREFIX}${user}:last`;
  const last = store.getItem(LAST);
  store.removeItem(LAST);
  if (last && !gap) store.removeItem(last);

  forms.forEach((form, index) => {
    const key = keyOf(form, index);
    const fresh = JSON.stringify(read(form));
    const bound = form.querySelector(".nhsuk-form-group--error") !== null;
    let kept = null;
    try { kept = JSON.parse(store.getItem(key)); } catch { store.removeItem(key); }
    if (kept && !bound && JSON.stringify(kept.values) !== fresh) {
      const names = (list) => JSON.stringify(list.map(([name]) => name));
      if (names(kept.values) === names(JSON.parse(fresh))) {
        const box = document.createElement("div");
        box.className = "app-notice app-notice--amber";
        box.setAttribute("role", "status");
        box.innerHTML = "<div class=\"app-notice__body\"><p></p><p class=\"app-idle__actions\"><button type=\"button\" class=\"app-link-button\">Throw it away</button></p></div>";
        box.querySelector("p").textContent = "What you typed here before is back. It is not saved yet.";
        write(form, kept.values);
        form.before(box);
        box.querySelector("button").addEventListener("click", () => { store.removeItem(key); write(form, JSON.parse(fresh)); box.remove(); const first = fieldsOf(form)[0]; if (first) first.focus(); });
      } else store.removeItem(key);
    }
    let timer = 0;
    const keep = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        const values = read(form);
        if (JSON.stringify(values) === fresh) store.removeItem(key);
        else store.setItem(key, JSON.stringify({ values, at: Date.now() }));
      }, 250);
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    // Marked as sent, not thrown away: when the answer is the sign-in page, the same page gives it back afterwards.
    form.addEventListener("submit", () => {
      window.clearTimeout(timer);
      const values = read(form);
      if (JSON.stringify(values) !== fresh) store.setItem(key, JSON.stringify({ values, at: Date.now() }));
      store.setItem(LAST, key);
    });
  });

  // A part that htmx brought in (a cell of a list, a row of the plan) is kept under its own address. On the next visit of a
  // page that can open it, it is opened again with what was typed; saved or cancelled it is forgotten.
  const PART = `${PREFIX}${user}:part:`;
  const partFields = (part) => (part.tagName === "FORM" ? fieldsOf(part) : Array.from(part.querySelectorAll("input, select, textarea")).filter((field) => field.name && !skip.has(field.type)));
  const valuesOf = (fields) => JSON.stringify(fields.map((field) => [field.name, field.value]));
  const met = new WeakSet();
  const meet = (part) => {
    if (met.has(part)) return;
    met.add(part);
    const key = PART + part.dataset.kept;
    const fields = partFields(part);
    const fresh = valuesOf(fields);
    let kept = null;
    try { kept = JSON.parse(store.getItem(key)); } catch { store.removeItem(key); }
    // After a refusal the server gives back what was typed; what is kept is the same or older.
    if (kept && kept.again && JSON.stringify(kept.values.map(([name]) => name)) === JSON.stringify(fields.map((field) => field.name))) {
      fields.forEach((field, index) => { field.value = kept.values[index][1]; });
      const note = document.createElement("p");
      note.className = "app-small";
      note.setAttribute("role", "status");
      note.textContent = "Typed before, not saved yet.";
      (fields.find((field) => document.activeElement === field) || fields[0]).after(note);
      store.setItem(key, JSON.stringify({ values: kept.values }));
    }
    const keep = () => {
      const now = valuesOf(fields);
      if (now === fresh) store.removeItem(key); else store.setItem(key, JSON.stringify({ values: JSON.parse(now) }));
    };
    fields.forEach((field) => { field.addEventListener("input", keep); field.addEventListener("change", keep); });
  };
  ["htmx:afterSettle", "app:part"].forEach((name) => document.addEventListener(name, () => document.querySelectorAll("[data-kept]").forEach(meet)));
  document.addEventListener("app:forget", (event) => store.removeItem(PART + event.detail));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { path, verb } = event.detail.requestConfig || {};
    const [address, query] = (path || "").split("?");
    if (event.detail.successful && (verb === "post" || query === "show=1")) store.removeItem(PART + address);
  });
  // After htmx itself has met the page, else the click would open the part as a page of its own.
  document.addEventListener("DOMContentLoaded", () => Object.keys(store).filter((key) => key.startsWith(PART)).forEach((key) => {
    const address = key.slice(PART.length);
    const opener = document.querySelector(`[hx-get="${CSS.escape(address)}"]`) || Array.from(document.querySelectorAll("#grid tbody td > a")).find((link) => link.pathname === address);
    if (!opener) return;
    try { store.setItem(key, JSON.stringify({ ...JSON.parse(store.getItem(key)), again: true })); } catch { store.removeItem(key); return; }
    opener.click();
  }));

  document.querySelectorAll("form[data-sign-out]").forEach((form) => form.addEventListener("submit", () => forget(() => true)));
})();
