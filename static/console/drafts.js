// Drafts: keep the input of forms in the session storage until they are submitted, so that it survives a reload, a
// session that ended and signing in elsewhere; and warn before leaving a large form.
"use strict";

const pageForm = () => document.querySelector("main form[data-redraw]");
const dialogForm = () => document.querySelector("#dialog form[data-redraw]");
// By user and page: the next user of this browser must not see it. Nobody has drafts on the sign-in page.
const { user } = document.body.dataset;
const draftKey = (kind) => `${kind}:${user}:${location.pathname}${location.search}`;
let untouched = "";
let leaving = false;
let cancelled = false;

// A text may contain secrets; the server knows how documents name them.
const namesSecrets = (control) => new RegExp(control.dataset.secretNames, "i").test(control.value);
const secretControls = (form) => [
  ...form.querySelectorAll("[data-secret] input"), ...[...form.querySelectorAll("[data-secret-names]")].filter(namesSecrets),
];

// All values except secrets, and those of a single page view.
function draftOf(form) {
  const secrets = new Set(secretControls(form).map((control) => control.name));
  const pairs = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !secrets.has(name) && !["csrfmiddlewaretoken", "_once", "_action", "_shown"].includes(name),
  );
  return new URLSearchParams(pairs).toString();
}

function valuesOf(draft) {
  const values = { _action: "update" };
  for (const [name, value] of new URLSearchParams(draft)) (values[name] ||= []).push(value);
  return values;
}

const secretsTyped = (form) => secretControls(form).some((control) => control.value);
const isDirty = (form) => draftOf(form) !== untouched || secretsTyped(form);

function store(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // More than the browser keeps.
    sessionStorage.removeItem(key);
  }
}

function keepPage() {
  const form = pageForm();
  if (!form || !user) return;
  if (draftOf(form) === untouched) sessionStorage.removeItem(draftKey("draft"));
  else store(draftKey("draft"), draftOf(form));
}

const keepDialog = (form) => store(draftKey("dialog"), JSON.stringify([form.getAttribute("hx-post"), draftOf(form)]));
const forgetDialog = () => sessionStorage.removeItem(draftKey("dialog"));

function forgetPage() {
  sessionStorage.removeItem(draftKey("draft"));
  sessionStorage.removeItem("draft-sent");
}

const noteRestored = () => document.getElementById("say-restored").content.cloneNode(true);

// Let the server redraw the form with the draft, as without scripts, because it decides which fields are shown.
async function restorePage(form, draft) {
  // Prevent input into the form that is about to be replaced.
  form.inert = true;
  await htmx.ajax("POST", form.action, {
    // The whole page, not what the address answers to dialogs.
    headers: { "HX-Request": "false" },
    target: form, select: "main form[data-redraw]", swap: "outerHTML", values: valuesOf(draft),
  });
  form.inert = false;
  if (form.isConnected) return;
  document.getElementById("messages").prepend(noteRestored());
}

async function restoreDialog() {
  const kept = sessionStorage.getItem(draftKey("dialog"));
  if (!kept) return;
  const [address, draft] = JSON.parse(kept);
  await htmx.ajax("POST", address, { target: "#dialog-body", values: valuesOf(draft) });
  if (dialogForm()) dialogForm().before(noteRestored());
  else forgetDialog();
}

// Whether the page before was submitted and served. Another page means success, but for an error and the sign-in page.
function wasServed(sent, form) {
  if (!sent.startsWith(`draft:${user}:`) || document.querySelector("[data-unserved]")) return false;
  return !form || sent !== draftKey("draft") || document.querySelector("[data-served]") !== null;
}

document.addEventListener("DOMContentLoaded", async () => {
  if (!user) return;
  const form = pageForm();
  const sent = sessionStorage.getItem("draft-sent");
  if (sent && wasServed(sent, form)) {
    sessionStorage.removeItem(sent);
    sessionStorage.removeItem("draft-sent");
  }
  document.getElementById("dialog").addEventListener("close", forgetDialog);
  if (form) {
    const refused = document.getElementById("error-summary") !== null;
    const draft = sessionStorage.getItem(draftKey("draft"));
    // Redrawn in another language: the input has not been submitted yet.
    const redrawn = sessionStorage.getItem("redrawn");
    sessionStorage.removeItem("redrawn");
    untouched = refused || redrawn ? "" : draftOf(form);
    sessionStorage.removeItem("draft-sent");
    if (draft && !refused && !redrawn && draft !== untouched) await restorePage(form, draft);
  }
  await restoreDialog();
});

for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
  const form = event.target.closest?.("form[data-redraw]");
  if (form && form === dialogForm()) keepDialog(form);
  else if (form && form === pageForm()) keepPage();
});
document.addEventListener("htmx:afterSettle", () => {
  keepPage();
  if (document.querySelector("#dialog[open]") && !dialogForm()) forgetDialog();
});
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  if (requestConfig.verb === "post" && elt === dialogForm()) keepDialog(elt);
});
// A dialog leads elsewhere when it is done, or to the sign-in page.
document.addEventListener("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
  const address = xhr.getResponseHeader("HX-Redirect");
  // The server has the page left; what was typed is kept.
  if (address || xhr.getResponseHeader("HX-Refresh")) leaving = true;
  if (elt === dialogForm() && address && !address.startsWith(document.body.dataset.login)) forgetDialog();
});

document.addEventListener("submit", (event) => {
  if (!user || event.target !== pageForm()) return;
  keepPage();
  sessionStorage.setItem("draft-sent", draftKey("draft"));
  leaving = true;
});
document.addEventListener("click", (event) => {
  const form = pageForm();
  if (closest(event, "#dialog [data-draft-discard]")) document.getElementById("dialog").close();
  else if (form && closest(event, "[data-draft-discard]")) {
    forgetPage();
    leaving = true;
    location.reload();
  }
  cancelled = closest(event, "[data-draft-cancel], main [data-dialog-close]") !== null;
});
// Signing out deletes all drafts.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) {
    sessionStorage.clear();
    leaving = true;
  }
});
// Only for restored pages: the user may be leaving a page while it is shown for the first time.
window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
window.addEventListener("pagehide", () => {
  if (cancelled && pageForm()) forgetPage();
});
window.addEventListener("beforeunload", (event) => {
  const form = pageForm();
  if (form?.matches("[data-large]") && !leaving && isDirty(form)) event.preventDefault();
});
