// Collapsible sections: remember which are closed, but open those with an error or the target of a link. A link of
// another page that leads to a field of this one gives it the focus.
"use strict";

const foldKey = (fold) => `fold:${fold.dataset.fold}`;

function openFor(element) {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const fold of document.querySelectorAll("[data-fold]")) {
    if (localStorage.getItem(foldKey(fold)) === "shut" && !fold.querySelector(".invalid-feedback")) fold.open = false;
    fold.addEventListener("toggle", () => localStorage.setItem(foldKey(fold), fold.open ? "open" : "shut"));
  }
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
  for (const wrong of document.querySelectorAll("[data-fold]:not([open]) .invalid-feedback")) openFor(wrong);
});
