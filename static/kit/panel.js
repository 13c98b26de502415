// The presenter's panel: opens and closes, and remembers that.
"use strict";

{
  const PARTS = "kit-parts";
  const panel = () => document.getElementById("kit-panel");
  const button = () => document.querySelector("[data-testid=panel-open]");
  // Where the focus was before.
  let before = null;

  const parts = () => JSON.parse(localStorage.getItem(PARTS) || "{}");

  function dress() {
    const kept = parts();
    for (const part of document.querySelectorAll("[data-part]")) if (part.dataset.part in kept) part.open = kept[part.dataset.part];
    button()?.setAttribute("aria-expanded", String(!panel().hidden));
  }

  async function open() {
    before = document.activeElement;
    setCookie("panel", "open");
    await htmx.ajax("GET", button().pathname, { source: panel(), target: "#kit-panel", swap: "outerHTML" });
    document.getElementById("kit-panel-title").focus();
  }

  function close() {
    const held = panel().contains(document.activeElement);
    setCookie("panel", "closed");
    panel().hidden = true;
    dress();
    if (held) (before?.isConnected && before !== document.body ? before : button())?.focus();
  }

  const toggle = () => (panel().hidden ? open() : close());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "." && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      // An open dialog makes the panel inert.
      if (!panel() || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      toggle();
    } else if (event.key === "Escape" && closest(event, "#kit-panel")) close();
  });
  document.addEventListener("click", (event) => {
    const opener = closest(event, "[data-testid=panel-open]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      toggle();
    } else if (closest(event, "[data-panel-close]")) close();
    const summary = closest(event, "[data-part] > summary");
    if (summary) {
      const part = summary.parentElement;
      localStorage.setItem(PARTS, JSON.stringify({ ...parts(), [part.dataset.part]: !part.open }));
    }
  });
  // The address may have changed since the page was loaded.
  document.addEventListener("submit", ({ target }) => {
    const from = target.querySelector("[data-from]");
    if (from && target.closest("#kit-panel")) from.value = location.pathname + location.search;
  }, true);

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    // A form may have replaced its page, in another language perhaps.
    if (detail.target === document.body || panel()?.hasAttribute("data-swapped")) dress();
  });
  document.addEventListener("DOMContentLoaded", dress);
}
