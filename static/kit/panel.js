// The presenter's panel: opens and closes, remembers that, and stays as it was when it is drawn again.
"use strict";

{
  const PARTS = "kit-parts";
  const panel = () => document.getElementById("kit-panel");
  const button = () => document.querySelector("[data-testid=panel-open]");
  // Where the focus was before.
  let before = null;
  // What had the focus in the panel, and how far it was scrolled, before it was drawn again.
  let held = null;

  const parts = () => JSON.parse(localStorage.getItem(PARTS) || "{}");

  function dress() {
    const kept = parts();
    for (const part of document.querySelectorAll("[data-part]")) if (part.dataset.part in kept) part.open = kept[part.dataset.part];
    button()?.setAttribute("aria-expanded", String(!panel().hidden));
  }

  async function open() {
    before = document.activeElement;
    // A menu of the bar would cover the panel.
    for (const menu of document.querySelectorAll("[data-menu][open]")) menu.open = false;
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

  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.id === "kit-panel") held = [document.activeElement.closest("#kit-panel [data-testid]")?.dataset.testid, target.scrollTop];
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    // A form may have replaced its page, in another language perhaps.
    if (detail.target === document.body) dress();
    if (!panel()?.hasAttribute("data-swapped")) return;
    panel().removeAttribute("data-swapped");
    dress();
    if (held) {
      panel().scrollTop = held[1];
      if (held[0] && document.activeElement === document.body) (named(held[0]) || document.getElementById("kit-panel-title")).focus({ preventScroll: true });
    }
    const notice = panel().querySelector("[data-notice]");
    if (notice) {
      say(notice.textContent);
      notice.scrollIntoView({ block: "nearest" });
    }
    // Pages look at once at what may have changed.
    if (detail.requestConfig?.verb === "post") document.dispatchEvent(new Event("vpnc:moved"));
  });
  document.addEventListener("DOMContentLoaded", dress);
}
