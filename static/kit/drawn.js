// The panel and the lab stay as they were when an answer draws them again: how far they are scrolled, and what has the
// focus. They say their notice, and let the page look at what may have changed.
"use strict";

{
  // What had the focus, and how far the part was scrolled.
  let held = null;

  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.matches(".kit-panel, .kit-lab-bar")) held = [document.activeElement.closest(`#${target.id} [data-testid]`)?.dataset.testid, target.scrollTop];
  });
  document.addEventListener("htmx:afterSettle", () => {
    const part = document.querySelector(":is(#kit-panel, #kit-lab)[data-swapped]");
    if (!part) return;
    part.removeAttribute("data-swapped");
    if (held) {
      part.scrollTop = held[1];
      // The button may be gone, as the one of the last hint is.
      if (held[0] && document.activeElement === document.body) (named(held[0]) || part.querySelector("h2")).focus({ preventScroll: true });
      if (part.contains(document.activeElement)) document.activeElement.scrollIntoView({ block: "nearest" });
      held = null;
    }
    const notice = part.querySelector("[data-notice]");
    if (notice) say(notice.textContent);
    if ("moved" in part.dataset) document.dispatchEvent(new Event("vpnc:moved"));
  });
}
