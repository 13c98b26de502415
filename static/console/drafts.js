// Drafts: keep the input of forms in the session storage until they are submitted, so that it survives a reload, a
// session that ended and signing in elsewhere. This file keeps those of dialogs; forms.js keeps those of pages.
"use strict";

const dialogForm = () => document.querySelector("#dialog form[data-redraw]");
// By user and page: the next user of this browser must not see it. Nobody has drafts on the sign-in page.
const { user } = document.body.dataset;
const draftKey = (kind) => `${kind}:${user}:${location.pathname}${location.search}`;
// What the form in the dialog had at first; null without a form.
let opened = null;
let leaving = false;

// A text may contain secrets; the server knows how documents name them.
const namesSecrets = (control) => new RegExp(control.dataset.secretNames, "i").test(control.value);
const secretControls = (form) => [
  ...form.querySelectorAll("[data-secret] input"), ...[...form.querySelectorAll("[data-secret-names]")].filter(namesSecrets),
];

// All values except secrets, and those of a single page view.
function draftOf(form) {
  const secrets = new Set(secretControls(form).map((control) => control.name));
  const pairs = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !secrets.has(name) && !["csrfmiddlewaretoken", "_once", "_action", "_shown", "_plain"].includes(name),
  );
  return new URLSearchParams(pairs).toString();
}

function valuesOf(draft) {
  const values = { _action: "update" };
  for (const [name, value] of new URLSearchParams(draft)) (values[name] ||= []).push(value);
  return values;
}

const secretsTyped = (form) => secretControls(form).some((control) => control.value);

function store(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // More than the browser keeps.
    sessionStorage.removeItem(key);
  }
}

const keepDialog = (form) => store(draftKey("dialog"), JSON.stringify([form.getAttribute("hx-post"), draftOf(form)]));
const forgetDialog = () => sessionStorage.removeItem(draftKey("dialog"));
const template = (name) => document.getElementById(`say-${name}`).content.cloneNode(true);

async function restoreDialog() {
  const kept = sessionStorage.getItem(draftKey("dialog"));
  if (!kept) return;
  const [address, draft] = JSON.parse(kept);
  opened = "";
  await htmx.ajax("POST", address, { target: "#dialog-body", values: valuesOf(draft) });
  if (dialogForm()) dialogForm().before(template("restored"));
  else {
    opened = null;
    forgetDialog();
  }
}

document.addEventListener("DOMContentLoaded", () => { if (user) restoreDialog(); });
// These events of dialogs don't bubble.
document.addEventListener("close", ({ target }) => {
  if (target.id !== "dialog") return;
  opened = null;
  forgetDialog();
}, true);
// Escape: ask once whether to discard what was typed. The browser closes the dialog when it is pressed again.
document.addEventListener("cancel", (event) => {
  const form = event.target.id === "dialog" && dialogForm();
  if (!form || (draftOf(form) === opened && !secretsTyped(form)) || document.querySelector("#dialog [data-discard]")) return;
  event.preventDefault();
  (form.querySelector(".dialog-actions") || form).before(template("discard"));
  document.querySelector("#dialog [data-discard] button").focus();
}, true);

for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
  const form = event.target.closest?.("form[data-redraw]");
  if (form && form === dialogForm()) keepDialog(form);
});
document.addEventListener("htmx:afterSettle", () => {
  const form = document.querySelector("#dialog[open]") && dialogForm();
  if (form) opened ??= draftOf(form);
  else if (document.querySelector("#dialog[open]")) forgetDialog();
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
document.addEventListener("click", (event) => {
  if (closest(event, "#dialog [data-draft-discard]")) document.getElementById("dialog").close();
  else if (closest(event, "[data-draft-keep]")) {
    closest(event, "[data-discard]").remove();
    dialogForm()?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
});
// Ctrl+Enter submits the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("form[data-redraw]");
  if (!form) return;
  event.preventDefault();
  // So that the last field reports its change first.
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
  form.requestSubmit(form.querySelector("[data-testid$=-ok]"));
});
// Signing out deletes all drafts.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) {
    sessionStorage.clear();
    leaving = true;
  }
});
