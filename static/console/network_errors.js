// Failed htmx requests: show a message with a button that retries.
"use strict";

// A request that a newer one replaces, or that ends because the user leaves the page, has not failed. htmx logs no error
// of a request whose details have an empty one.
let left = false;
window.addEventListener("pagehide", () => { left = true; });
window.addEventListener("pageshow", () => { left = false; });
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { xhr } = detail;
  const { onabort, onerror } = xhr;
  xhr.onabort = () => { detail.error = ""; onabort.call(xhr); };
  xhr.onerror = () => { if (!left) onerror.call(xhr); };
});

// Failed requests by their element. A new request of an element replaces the old one.
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
  // Retry was in the message: keep the focus on the page.
  const held = shown.contains(document.activeElement);
  shown.remove();
  if (held) document.getElementById("main").focus();
}

function retry() {
  const again = [...failed.values()];
  failed.clear();
  for (const { elt, target, requestConfig } of again) {
    if (elt.matches("main form[data-form]")) elt.requestSubmit();
    else if (elt.isConnected) htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target });
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
