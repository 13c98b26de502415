// Forms of pages: send them so that the page stays at its address, and keep their input until that has succeeded.
"use strict";

const pageForm = () => document.querySelector("main form[data-redraw]");
let untouched = "";
let cancelled = false;

// --- drafts ----------------------------------------------------------------------------------------------------
function keepPage() {
  const form = pageForm();
  if (!form || !user) return;
  if (draftOf(form) === untouched) sessionStorage.removeItem(draftKey("draft"));
  else store(draftKey("draft"), draftOf(form));
}

const forgetPage = () => sessionStorage.removeItem(draftKey("draft"));

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
  if (!form.isConnected) document.getElementById("messages").prepend(template("restored"));
}

document.addEventListener("DOMContentLoaded", async () => {
  const form = pageForm();
  if (!user || !form) return;
  const draft = sessionStorage.getItem(draftKey("draft"));
  untouched = draftOf(form);
  if (draft && draft !== untouched) await restorePage(form, draft);
});
for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
  if (event.target.closest?.("form[data-redraw]") === pageForm()) keepPage();
});
document.addEventListener("htmx:afterSettle", keepPage);

document.addEventListener("click", (event) => {
  const form = pageForm();
  if (form && closest(event, "main [data-draft-discard]")) {
    forgetPage();
    leaving = true;
    location.reload();
  }
  cancelled = closest(event, "[data-draft-cancel], main [data-dialog-close]") !== null;
});
// Only for restored pages: the user may be leaving a page while it is shown for the first time.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = false;
  for (const form of document.querySelectorAll("[data-form]")) delete form.dataset.sent;
});
window.addEventListener("pagehide", () => {
  if (cancelled && pageForm()) forgetPage();
});
// Everything but keys is kept.
window.addEventListener("beforeunload", (event) => {
  const form = pageForm();
  if (form && !leaving && secretsTyped(form)) event.preventDefault();
});

// While the form is sent, or drawn again because of a button: input into the form that is about to be replaced would be lost.
let focusBefore = "";
document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => {
  if (target !== pageForm()) return;
  focusBefore = document.activeElement.id;
  target.inert = true;
});
document.addEventListener("htmx:afterRequest", ({ detail: { target } }) => {
  if (!target?.inert) return;
  target.inert = false;
  if (focusBefore && document.activeElement === document.body) document.getElementById(focusBefore)?.focus({ preventScroll: true });
});

// --- sending ---------------------------------------------------------------------------------------------------
// A page that could not be served, in a message: its title, its sentences and its links.
function showRefusal(page) {
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.role = "alert";
  alert.dataset.requestError = "refused";
  for (const part of page.querySelectorAll("main :is(h1, p:not(.blank-code), .blank-ways a)")) {
    const shown = document.createElement(part.matches("h1") ? "strong" : part.matches("a") ? "a" : "span");
    shown.textContent = part.textContent.trim();
    for (const name of ["href", "data-testid", "class"]) if (part.matches("a")) shown.setAttribute(name, part.getAttribute(name));
    alert.append(shown, " ");
  }
  document.querySelector("[data-request-error]")?.remove();
  document.getElementById("messages").prepend(alert);
  alert.scrollIntoView({ block: "nearest" });
}

function receive(form, xhr) {
  const address = xhr.getResponseHeader("HX-Redirect");
  if (address) {
    if (!address.startsWith(document.body.dataset.login || " ")) forgetPage();
    leaving = true;
    // The page is never idle again.
    begin(form);
    location.assign(address);
    return;
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  delete form.dataset.sent;
  if (xhr.status >= 400 && !page.querySelector("main form[data-form]")) {
    showRefusal(page);
    return;
  }
  htmx.swap("#main", xhr.responseText, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: "#main", eventInfo: { target: document.getElementById("main") } });
  // The page cannot be drawn again in another language.
  if (!page.querySelector("[data-language]")) document.querySelector("[data-language]")?.remove();
  if (page.querySelector("main [data-served]")) {
    forgetPage();
    untouched = pageForm() ? draftOf(pageForm()) : "";
  }
}

async function send(form, submitter) {
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  keepPage();
  for (const asking of form.querySelectorAll("[hx-post]")) htmx.trigger(asking, "htmx:abort");
  form.querySelector("[data-progress]")?.dispatchEvent(new Event("begun"));
  const values = submitter?.name ? { [submitter.name]: submitter.value } : {};
  try {
    await htmx.ajax("POST", form.action, {
      source: form, values, headers: { "HX-Request": "false" }, handler: (_, { xhr }) => receive(form, xhr),
    });
  } catch {
    // network_errors.js offers to try again.
    delete form.dataset.sent;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("main form[data-form]") || event.submitter?.formTarget) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// --- switching the language keeps what was typed ---------------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = pageForm();
  if (!form || !event.target.matches("[data-language]")) return;
  event.preventDefault();
  setCookie(event.target.dataset.language, event.submitter.value);
  leaving = true;
  // The server draws the form again with what was posted, as it does for browsers without scripts.
  await htmx.ajax("POST", form.action, {
    source: form, values: { _action: "update" }, headers: { "HX-Request": "false" },
    handler: (_, { xhr }) => {
      const [, language] = /<html lang="([^"]+)"/.exec(xhr.responseText) || [];
      if (!language) location.reload();
      else {
        document.documentElement.lang = language;
        htmx.swap(document.body, xhr.responseText, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 }, { eventInfo: { target: document.body } });
      }
    },
  });
  leaving = false;
});

// --- keep the element under the pointer in place: scroll by as much as messages above have moved the page ----------
let pointer = null;
let place = null;

document.addEventListener("pointermove", (event) => { pointer = event.pointerType === "mouse" ? event : null; }, true);
// Keyboard users look at the field with the focus.
document.addEventListener("keydown", () => { pointer = null; }, true);

document.addEventListener("htmx:beforeSwap", () => {
  const at = pointer && document.elementFromPoint(pointer.clientX, pointer.clientY);
  const main = document.querySelector("main form[data-form]");
  const looked = [at, document.activeElement].find((one) => one && main && main !== one && main.contains(one));
  place = looked && { looked, top: looked.getBoundingClientRect().top };
});

function stay() {
  if (!place || !place.looked.isConnected) return;
  const moved = place.looked.getBoundingClientRect().top - place.top;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
}

document.addEventListener("htmx:oobAfterSwap", stay);
document.addEventListener("htmx:afterSettle", () => { stay(); place = null; });
