// Keep the figures above a list, its filters and its export links in step.
"use strict";

function followFilters(form) {
  for (const figure of document.querySelectorAll("[data-filter]")) {
    const control = form.elements[figure.dataset.filter];
    if (control && control.value === figure.dataset.value) figure.setAttribute("aria-current", "true");
    else figure.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const figure = closest(event, "[data-filter]");
  const form = document.querySelector("form.filters");
  if (!figure || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const control = form.elements[figure.dataset.filter];
  control.value = figure.hasAttribute("aria-current") ? "" : figure.dataset.value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  if (event.target.form?.matches("form.filters")) followFilters(event.target.form);
});

// Back and forward restore the rows; restore the filters from the address.
document.addEventListener("htmx:historyRestore", () => {
  const form = document.querySelector("form.filters");
  if (!form) return;
  const query = new URLSearchParams(location.search);
  for (const control of form.elements) if (control.name) control.value = query.get(control.name) ?? "";
  followFilters(form);
});

// Export what the list shows now: its filter may have changed since the page was loaded.
document.addEventListener("click", (event) => {
  const link = closest(event, "[data-follows]");
  if (!link) return;
  const query = new URLSearchParams(location.search);
  query.set("format", link.dataset.follows);
  link.search = query;
}, true);
