// Requests that got no answer, or a bad one: say so where the eye is, and offer to ask again.
"use strict";

// What failed, by the element that asked: asking again replaces what it asked before.
const failed = new Map();

function showError(kind) {
  // An open dialog makes everything behind it inert.
  const place = document.querySelector("dialog[open] #dialog-body") || document.getElementById("messages");
  document.querySelector("[data-request-error]")?.remove();
  place.prepend(document.getElementById(`say-${kind}`).content.cloneNode(true));
}

function hideError() {
  const shown = document.querySelector("[data-request-error]");
  if (!shown || failed.size) return;
  // Whoever pressed Retry stood in the message; the focus must not fall out of the page with it.
  const held = shown.contains(document.activeElement);
  shown.remove();
  if (held) document.getElementById("main").focus();
}

function retry() {
  const again = [...failed.values()];
  failed.clear();
  for (const { elt, target, requestConfig } of again) {
    if (elt.isConnected) htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target });
  }
  hideError();
}

function note(event, kind) {
  failed.set(event.detail.elt, event.detail);
  showError(kind);
}

document.addEventListener("htmx:sendError", (event) => note(event, "lost"));
document.addEventListener("htmx:timeout", (event) => note(event, "lost"));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status >= 500) note(event, "failed");
  else if (status === 403 || status === 404) showError("gone");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) {
    failed.delete(event.detail.elt);
    hideError();
  }
});
document.addEventListener("click", (event) => {
  if (closest(event, "[data-retry]")) retry();
});
