// Following a log: keep in place what is read.
"use strict";

// Somebody who sees the beginning of the log sees new lines arrive. It stays in place for somebody who has scrolled into
// it, points at a line, or has selected text.
let kept = null;

function isRead(lines) {
  const selection = getSelection();
  const selected = !selection.isCollapsed && lines.contains(selection.anchorNode);
  return selected || lines.matches(":hover") || lines.contains(document.activeElement) || lines.getBoundingClientRect().top < 0;
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  kept = null;
  const lines = target.closest(".log-lines");
  if (target.id !== "log-newer" || !isRead(lines)) return;
  const row = [...lines.querySelectorAll(".log-row")].find((one) => one.getBoundingClientRect().bottom > 0);
  kept = row && { row, top: row.getBoundingClientRect().top };
});

document.addEventListener("htmx:oobAfterSwap", () => {
  if (!kept) return;
  const moved = kept.row.getBoundingClientRect().top - kept.top;
  kept = null;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
});
