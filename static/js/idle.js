/* Warns before the session ends for want of use, offers to go on, and then leads to the sign-in page,
   from where the same page comes back with what was typed. The server ends the session by itself, script or not. */
(() => {
  "use strict";
  const { idleMinutes, login } = document.body.dataset;
  if (!idleMinutes || !login) return;
  const limit = Number(idleMinutes) * 60000;
  const warnFor = Math.min(120000, limit / 3);
  const SEEN = "seen-at";
  let dialog = null;
  let timer = 0;

  const seen = () => { try { window.localStorage.setItem(SEEN, String(Date.now())); } catch { /* one tab only */ } };
  const last = () => { try { return Number(window.localStorage.getItem(SEEN)) || started; } catch { return started; } };
  let started = Date.now();
  seen();

  const close = () => { if (dialog) { dialog.close(); dialog.remove(); dialog = null; } };
  const stay = async () => {
    const answer = await window.fetch(window.location.href, { method: "HEAD", credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (answer && answer.ok) { started = Date.now(); seen(); close(); } else leave();
  };
  const leave = () => { window.location.assign(`${login}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`); };
  const warn = () => {
    if (dialog) return;
    dialog = document.createElement("dialog");
    dialog.className = "app-idle";
    dialog.setAttribute("aria-labelledby", "idle-title");
    dialog.innerHTML = "<h2 id=\"idle-title\">Are you still there?</h2><p>You will be signed out in about <span class=\"app-num\"></span> because nothing has happened here for a while. What you typed is kept in this tab.</p><div class=\"app-idle__actions\"><button type=\"button\" class=\"nhsuk-button\">Stay signed in</button></div>";
    dialog.querySelector("button").addEventListener("click", stay);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
    document.body.append(dialog);
    dialog.showModal();
  };
  const look = () => {
    const left = limit - (Date.now() - last());
    // A little after the server has ended it, else the sign-in page would only renew it.
    if (left <= -5000) { window.clearInterval(timer); leave(); return; }
    if (left <= warnFor) {
      warn();
      const words = left > 60000 ? `${Math.ceil(left / 60000)} minutes` : left > 30000 ? "1 minute" : "30 seconds";
      const place = dialog.querySelector("span");
      if (place.textContent !== words) place.textContent = words;
    } else close();
  };
  timer = window.setInterval(look, 5000);
  // Requests of htmx that a person made count as use; polling does not.
  document.addEventListener("htmx:afterRequest", (event) => {
    const headers = event.detail.requestConfig && event.detail.requestConfig.headers;
    if (event.detail.successful && !(headers && headers["X-Background"])) { started = Date.now(); seen(); }
  });
})();
