// What somebody has typed into a large form: kept in the tab until it is sent, and asked about before it is left.
"use strict";

const draftForm = () => document.querySelector("form[data-draft]");
// Of this person, this page: the next one to sign in at this browser must not find it.
const draftKey = (form) => `draft:${form.dataset.draft}:${location.pathname}${location.search}`;
let untouched = "";
let leaving = false;
let cancelled = false;

// Everything but secrets and what belongs to one page view only. Secrets are marked by the server, shown or not.
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

// The server draws the form with what was typed, as it does without scripts: which fields show is its decision.
async function restoreDraft(form, draft) {
  const values = {};
  for (const [name, value] of new URLSearchParams(draft)) (values[name] ||= []).push(value);
  // Nobody shall type into what is about to be replaced.
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
    // Another page after a submit: it went through. (Signing in on the way is not yet another page.)
    if (sent && document.body.matches("[data-user]")) {
      sessionStorage.removeItem(sent);
      sessionStorage.removeItem("draft-sent");
    }
    return;
  }
  const refused = document.getElementById("error-summary") !== null;
  const draft = sessionStorage.getItem(draftKey(form));
  // Drawn again in another language: what was typed is still not sent.
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
// Whoever signs out leaves nothing behind.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) {
    sessionStorage.clear();
    leaving = true;
  }
});
// Back again. (A page that is shown for the first time may be on its way out already.)
window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
window.addEventListener("pagehide", () => {
  if (cancelled && draftForm()) forgetDraft(draftForm());
});
window.addEventListener("beforeunload", (event) => {
  const form = draftForm();
  if (form && !leaving && isDirty(form)) event.preventDefault();
});
