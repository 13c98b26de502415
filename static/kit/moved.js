// In worlds of the kit: a test sends this event into open pages when it moves the clock or ends transitions.
"use strict";

document.addEventListener("vpnc:moved", () => {
  const table = document.querySelector("[data-refresh]");
  if (table) { table.click(); return; }
  const follows = document.querySelectorAll("[data-follow]");
  for (const poll of follows) htmx.trigger(poll, "look");
  const polls = document.querySelectorAll('[hx-trigger^="load delay"]:not([data-follow])');
  for (const poll of polls) htmx.ajax("GET", poll.getAttribute("hx-get"), { source: poll, target: poll, swap: "outerHTML" });
  // A page at rest is drawn again, unless somebody fills in a form of it.
  if (follows.length || polls.length || document.querySelector("main form[data-form], dialog[open]")) return;
  htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML", headers: { "HX-Request": "false" } });
}, true);
