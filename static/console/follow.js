// What follows changes pauses while nobody looks.
"use strict";

document.addEventListener("htmx:confirm", (event) => {
  if (document.hidden && event.target.matches("[data-follow]")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const poll of document.querySelectorAll("[data-follow]")) htmx.trigger(poll, "look");
});
