// Keep the figures above a list, its filters and its export links in step.
"use strict";

function followFilters(form) {
  for (const figure of document.querySelectorAll("[data-filter]")) {
    const control = form.elements[figure.dataset.filter];
    if (control && control.value === (figure.dataset.value ?? figure.textContent)) figure.setAttribute("aria-current", "true");
    else figure.removeAttribute("aria-current");
  }
  const number = form.querySelector("[data-filter-number]");
  if (number) number.textContent = [...form.querySelectorAll("#filters [name]")].filter((control) => control.value).length || "";
}

document.addEventListener("click", (event) => {
  const figure = closest(event, "[data-filter]");
  const form = document.querySelector("form.filters");
  if (!figure || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const control = form.elements[figure.dataset.filter];
  control.value = figure.hasAttribute("aria-current") ? "" : figure.dataset.value ?? figure.textContent;
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  if (event.target.form?.matches("form.filters")) followFilters(event.target.form);
});

document.addEventListener("submit", (event) => { if (event.target.matches("form.filters")) shutModal(); });

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

// The table is read again: by its button, and quietly while nobody works in it. An answer without changes is blank.
function refresh(since) {
  const source = document.querySelector("[data-refresh]");
  if (source) htmx.ajax("GET", location.href, { source, target: "#table", swap: "outerHTML", headers: { "X-Refresh": since } });
}
// By the server's time.
function sayRefreshed(read) {
  const place = document.querySelector("[data-refreshed]");
  const moment = new Date(read || document.getElementById("table")?.dataset.read);
  if (place && !isNaN(moment)) place.textContent = moment.toLocaleTimeString(document.documentElement.lang);
}
document.addEventListener("click", (event) => {
  if (!closest(event, "[data-refresh]")) return;
  event.preventDefault();
  refresh("now");
});
document.addEventListener("htmx:afterRequest", ({ detail: { target, successful, xhr } }) => {
  if (target.id === "table" && successful) sayRefreshed(xhr.getResponseHeader("X-Read"));
});
document.addEventListener("DOMContentLoaded", () => sayRefreshed());
setInterval(() => {
  const table = document.getElementById("table");
  if (!table || document.hidden || table.matches(":focus-within, :hover, :has(input:checked)")) return;
  if (!document.querySelector("dialog[open], :popover-open, [data-menu][open]")) refresh(table.dataset.read);
}, 30_000);

// The menu of a row opens below its button, or above it in the lower half. The shared one forgets the row before.
document.addEventListener("click", (event) => {
  const button = closest(event, "[popovertarget]");
  if (!button?.popoverTargetElement.matches(".row-menu")) return;
  const { style, id } = button.popoverTargetElement;
  const { top, bottom, right } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  style.right = `${clientWidth - right}px`;
  style.top = bottom < clientHeight / 2 ? `${bottom}px` : "auto";
  style.bottom = bottom < clientHeight / 2 ? "auto" : `${clientHeight - top}px`;
  button.popoverTargetElement.dataset.of = button.dataset.testid;
  if (id === "row-menu") button.popoverTargetElement.replaceChildren();
});
