// Keyboard shortcuts. Single keys can be switched off, and never act while the user types.
"use strict";

const SINGLE = "single-keys";
const singleKeys = () => localStorage.getItem(SINGLE) !== "off";
const isTyping = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function setHelp(shown) {
  localStorage.setItem("help", shown ? "shown" : "hidden");
  drawHelp();
  say(word(shown ? "helpShown" : "helpHidden"));
}

function drawHelp() {
  const shown = localStorage.getItem("help") !== "hidden";
  document.documentElement.classList.toggle("terse", !shown);
  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(shown));
  }
}

const KEYS = {
  "/": () => document.getElementById("q") || document.getElementById("go-to"),
  "?": () => document.getElementById("go-keys"),
  c: () => document.querySelector(".toolbar a.btn-primary") || document.getElementById("go-create"),
  h: () => document.querySelector("[data-help]"),
};

// The text typed between opening the palette and its arrival, which goes into its input. Null: not opened.
let early = null;

function typeEarly(event) {
  if (early === null || event.key.length !== 1) return false;
  early += event.key;
  event.preventDefault();
  return true;
}

function handOverEarly() {
  const input = document.querySelector("dialog[open] [data-palette] input");
  if (early === null || !input) return;
  input.focus();
  input.value = early;
  early = null;
  if (input.value) input.dispatchEvent(new Event("input", { bubbles: true }));
}
for (const name of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(name, () => { early = null; });

function press(element) {
  if (!element) return false;
  if (element.matches("input")) {
    element.focus();
    element.select();
  } else {
    // When the dialog closes, the focus returns here.
    if (document.activeElement === document.body) element.focus();
    element.click();
  }
  return true;
}

// Focus the same control in the next row, or the row's first one.
function moveInTable(event) {
  const row = event.target.closest("tbody tr");
  if (!row || isTyping(event.target)) return;
  const sibling = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
  if (!sibling) return;
  const all = (one) => [...one.querySelectorAll("a, button, input")];
  const cell = event.target.closest("td, th");
  const inCell = all(cell).indexOf(event.target);
  const same = sibling.children[[...row.children].indexOf(cell)];
  const next = (same && (all(same)[inCell] || all(same)[0])) || all(sibling)[0];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function moveInPalette(event, palette) {
  const stops = [palette.querySelector("input"), ...palette.querySelectorAll("a")];
  const to = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  stops[(to + stops.length) % stops.length].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const dialog = document.querySelector("dialog[open]");
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    if (dialog || early !== null || !press(document.getElementById("go-to"))) return;
    event.preventDefault();
    early = "";
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typeEarly(event)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const palette = event.target.closest("[data-palette]");
    if (palette) moveInPalette(event, palette);
    else moveInTable(event);
    return;
  }
  if (dialog || isTyping(event.target) || !singleKeys()) return;
  const find = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (find && press(find())) event.preventDefault();
});

// Enter in the palette opens the first hit, if there is one.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("dialog [data-palette]")) return;
  event.preventDefault();
  event.target.querySelector("a")?.click();
});

document.addEventListener("click", (event) => {
  const button = closest(event, "[data-help]");
  if (button) setHelp(button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) localStorage.setItem(SINGLE, event.target.checked ? "on" : "off");
});
function drawSwitch() {
  for (const box of document.querySelectorAll("[data-single-keys]")) box.checked = singleKeys();
}
document.addEventListener("DOMContentLoaded", () => { drawHelp(); drawSwitch(); });
document.addEventListener("htmx:afterSettle", () => {
  drawHelp();
  drawSwitch();
  if (document.activeElement.closest("dialog") === null || document.activeElement.id === "dialog") document.querySelector("dialog[open] [autofocus]")?.focus();
  handOverEarly();
});
