// Drafts: keep the input of a large form in the session storage until it is submitted, and warn before leaving it.
"use strict";

const draftForm = () => document.querySelector("form[data-draft]");
// By user and page: the next user of this browser must not see it.
const draftKey = (form) => `draft:${form.dataset.draft}:${location.pathname}${location.search}`;
let untouched = "";
let leaving = false;
let cancelled = false;

// All values except secrets, which the server marks, and those of a single page view.
function draftOf(form) {
  const secrets = new Set([...form.querySelectorAll("[data-secret] input")].map((input) => input.name));
  const pairs = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !secrets.has(name) && !["csrfmiddlewaretoken", "_once", "_action", "_shown"].includes(name),
  );
  return new URLSearchParams(pairs).toString();
}

const secretsTyped = (form) => [...form.querySelectorAll("[data-secret] input")].some((input) => input.value);
const isDirty = (form) => draftOf(form) !== untouched || secretsTyped(form);

function keepDraft() {
  const form = draftForm();
  if (!form) return;
  if (draftOf(form) === untouched) sessionStorage.removeItem(draftKey(form));
  else sessionStorage.setItem(draftKey(form), draftOf(form));
}

function forgetDraft(form) {
  sessionStorage.removeItem(draftKey(form));
  sessionStorage.removeItem("draft-sent");
}

// Let the server redraw the form with the draft, as without scripts, because it decides which fields are shown.
async function restoreDraft(form, draft) {
  const values = {};
  for (const [name, value] of new URLSearchParams(draft)) (values[name] ||= []).push(value);
  // Prevent input into the form that is about to be replaced.
  form.inert = true;
  await htmx.ajax("POST", form.action, {
    target: "#connection-form", select: "#connection-form", swap: "outerHTML", values: { ...values, _action: "update" },
  });
  form.inert = false;
  if (form.isConnected) return;
  document.getElementById("messages").prepend(document.getElementById("say-restored").content.cloneNode(true));
}

document.addEventListener("DOMContentLoaded", () => {
  const form = draftForm();
  const sent = sessionStorage.getItem("draft-sent");
  if (!form) {
    // Another page after a submit means success. The sign-in page, which has no user, does not count.
    if (sent && document.body.matches("[data-user]")) {
      sessionStorage.removeItem(sent);
      sessionStorage.removeItem("draft-sent");
    }
    return;
  }
  const refused = document.getElementById("error-summary") !== null;
  const draft = sessionStorage.getItem(draftKey(form));
  // Redrawn in another language: the input has not been submitted yet.
  const redrawn = sessionStorage.getItem("redrawn");
  sessionStorage.removeItem("redrawn");
  untouched = refused || redrawn ? "" : draftOf(form);
  sessionStorage.removeItem("draft-sent");
  if (draft && !refused && !redrawn && draft !== untouched) restoreDraft(form, draft);
});

for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
  if (event.target.closest?.("form[data-draft]")) keepDraft();
});
document.addEventListener("htmx:afterSettle", keepDraft);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-draft]")) return;
  keepDraft();
  sessionStorage.setItem("draft-sent", draftKey(event.target));
  leaving = true;
});
document.addEventListener("click", (event) => {
  const form = draftForm();
  if (!form) return;
  if (closest(event, "[data-draft-discard]")) {
    forgetDraft(form);
    leaving = true;
    location.reload();
  }
  cancelled = closest(event, "[data-draft-cancel]") !== null;
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
  if (cancelled && draftForm()) forgetDraft(draftForm());
});
window.addEventListener("beforeunload", (event) => {
  const form = draftForm();
  if (form && !leaving && isDirty(form)) event.preventDefault();
});
