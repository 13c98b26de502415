// Collapsible sections: remember which are open, and open those with an error or the target of a link. A link of
// another page that leads to a field of this one gives it the focus.
"use strict";

const foldKey = (fold) => `fold:${fold.dataset.fold}`;

function openFor(element) {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

function openAgain() {
  for (const fold of document.querySelectorAll("[data-fold]")) fold.open ||= localStorage.getItem(foldKey(fold)) === "open";
}
document.addEventListener("DOMContentLoaded", openAgain);
// Not the toggle event, which also comes when a script or the server has opened a section.
document.addEventListener("click", (event) => {
  const summary = closest(event, "[data-fold] > summary");
  if (summary) localStorage.setItem(foldKey(summary.parentElement), summary.parentElement.open ? "shut" : "open");
});
// Only now, because the browser itself takes the focus away when it scrolls to the fragment.
addEventListener("load", () => {
  const wrapper = location.hash.startsWith("#div_") && document.getElementById(location.hash.slice(1));
  if (!wrapper) return;
  openFor(wrapper);
  wrapper.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
});
document.addEventListener("click", (event) => {
  const link = closest(event, 'a[href^="#"]');
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  openFor(target);
  for (const fold of target.querySelectorAll("[data-fold]")) fold.open = true;
});
document.addEventListener("htmx:afterSettle", () => {
  openAgain();
  for (const wrong of document.querySelectorAll("[data-fold]:not([open]) .invalid-feedback")) openFor(wrong);
});
