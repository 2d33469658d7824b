/* What every page does beyond plain HTML: menus that close, focus that returns, copying, printing. */
(() => {
  "use strict";

  const say = (text) => {
    const status = document.getElementById("status");
    if (status) { status.textContent = ""; window.setTimeout(() => { status.textContent = text; }, 50); }
  };

  // Menus made of <details>: Escape and a click elsewhere close them.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });

  // The active tab is in sight on a narrow screen.
  document.querySelectorAll("[data-tabs] [aria-current]").forEach((tab) => {
    const strip = tab.closest("[data-tabs]");
    strip.scrollLeft = Math.max(0, tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2);
  });

  // The work bar is folded on a phone. On a wide screen it stands open until somebody hides it, on this device.
  document.querySelectorAll("[data-work]").forEach((box) => {
    if (window.matchMedia("(max-width: 40rem)").matches) return;
    const key = "work-bar-hidden";
    const stored = () => { try { return window.localStorage.getItem(key) === "1"; } catch { return false; } };
    box.open = !stored();
    box.dataset.work = "set";
    box.addEventListener("toggle", () => { try { if (box.open) window.localStorage.removeItem(key); else window.localStorage.setItem(key, "1"); } catch { /* it is not remembered */ } });
  });

  // A box that does not scroll needs no stop for the keyboard.
  const stops = () => document.querySelectorAll("[data-scroll], .app-chart").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  });
  stops();
  window.addEventListener("resize", stops);

  // A box that holds more than it shows says so at that edge.
  const more = (box) => {
    box.classList.toggle("app-scroll--below", box.scrollTop + box.clientHeight < box.scrollHeight - 2);
    box.classList.toggle("app-scroll--beside", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  };
  const boxes = [...document.querySelectorAll(".app-scroll")];
  boxes.forEach((box) => { more(box); box.addEventListener("scroll", () => more(box), { passive: true }); });
  window.addEventListener("resize", () => boxes.forEach(more));

  document.addEventListener("click", async (event) => {
    const print = event.target.closest("[data-print]");
    if (print) { event.preventDefault(); window.print(); return; }
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    event.preventDefault();
    const source = document.querySelector(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText((source ? source.value || source.textContent : copy.dataset.copyText || "").trim());
      say("Copied");
    } catch { say("Copying is not allowed here; select the text and copy it"); }
  });

  // The skip link leaves no mark in the address: a form would carry it along, and the list of errors on the next page would lose the focus to it.
  document.addEventListener("click", (event) => {
    const main = event.target.closest(".app-skip[href='#main']") && document.getElementById("main");
    if (main) { event.preventDefault(); main.focus(); }
  });

  // Everything comes ticked: whoever wants a few of them begins with none.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-untick]");
    if (!button) return;
    button.closest("form").querySelectorAll(`input[name=${button.dataset.untick}]`).forEach((box) => { box.checked = false; });
    say("Nobody ticked");
  });

  // Controls that only work with scripts are shown only with scripts, those of a part that is fetched later too.
  const shown = () => document.querySelectorAll("[data-needs-js][hidden]").forEach((element) => { element.hidden = false; });
  shown();
  document.addEventListener("htmx:afterSwap", shown);

  // What the last act did is spoken: it stands above the heading, where neither the skip links nor the focus lead.
  const done = document.querySelector("[data-said]");
  if (done) window.setTimeout(() => { if (!document.getElementById("status").textContent) say(done.textContent.trim().replace(/\s+/g, " ")); }, 300);

  // A form whose answer takes a while, or is a file, says so: the page stays as it is meanwhile.
  document.addEventListener("submit", (event) => {
    const part = event.target.closest("[data-waits]");
    const waiting = part && part.querySelector("[data-waiting]");
    if (!waiting) return;
    waiting.hidden = false;
    say(waiting.textContent.trim());
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-waiting]").forEach((waiting) => { waiting.hidden = true; }));

  // After a swap the focus goes to the first thing that asks for it, else back to the element of the same name or id.
  let before = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const active = document.activeElement;
    before = active && active !== document.body ? { id: active.id, name: active.getAttribute("name"), key: active.dataset.focusKey } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    stops();
    const scope = event.target;
    const wanted = scope.querySelector("[autofocus]");
    if (wanted) { wanted.focus(); return; }
    if (!before || document.activeElement !== document.body) return;
    const again = (before.id && document.getElementById(before.id))
      || (before.key && document.querySelector(`[data-focus-key="${CSS.escape(before.key)}"]`))
      || (before.name && scope.querySelector(`[name="${CSS.escape(before.name)}"]`))
      || scope.querySelector("input:not([type=hidden]), select, textarea, button, a[href]");
    if (again) again.focus();
  });
  document.addEventListener("htmx:sendError", () => say("The server does not answer. What you typed is kept; try again."));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) say("You may not do this, or your session has ended.");
    else if (event.detail.xhr.status === 404) say("This is no longer there.");
    else say("That did not work. Nothing was changed.");
  });
  // Django's token for requests that no form carries.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
  });

  window.mobilisation = Object.assign(window.mobilisation || {}, { say });
})();
