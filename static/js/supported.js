/* First child of body: tells the style sheet and NHS.UK frontend that scripts run here. */
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("nhsuk-frontend-supported");
