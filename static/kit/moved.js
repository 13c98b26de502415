// In worlds of the kit: a test sends this event into open pages when it moves the clock or ends transitions.
"use strict";

document.addEventListener("vpnc:moved", () => {
  const table = document.querySelector("[data-refresh]");
  if (table) { table.click(); return; }
  for (const poll of document.querySelectorAll("[data-follow]")) htmx.trigger(poll, "look");
  for (const poll of document.querySelectorAll('[hx-trigger^="load delay"]:not([data-follow])')) {
    htmx.ajax("GET", poll.getAttribute("hx-get"), { source: poll, target: poll, swap: "outerHTML" });
  }
}, true);
