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

// The keys pressed between opening the palette and its arrival, which go into its input. Null: not opened.
let early = null;

function typeEarly(event) {
  if (early === null || (event.key.length !== 1 && event.key !== "Enter")) return false;
  early += event.key === "Enter" ? "\n" : event.key;
  event.preventDefault();
  return true;
}

function handOverEarly() {
  const input = document.querySelector("dialog[open] [data-palette] input");
  if (early === null || !input) return;
  input.focus();
  const [text, ...entered] = early.split("\n");
  early = null;
  input.value = text;
  if (text) input.dispatchEvent(new Event("input", { bubbles: true }));
  if (entered.length) input.form.requestSubmit();
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

// The palette is a combobox: the focus stays in its input, which names the chosen option.
const options = (palette) => [...palette.querySelectorAll("li > *")];

function choose(palette, option) {
  for (const one of options(palette)) one.setAttribute("aria-selected", String(one === option));
  const input = palette.querySelector("input");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function dressPalette(palette) {
  const found = palette.querySelector(".palette-found");
  if (found.dataset.dressed) return;
  found.dataset.dressed = "";
  const all = options(palette);
  const list = found.querySelector("#palette-list");
  const set = (element, values) => { for (const [name, value] of Object.entries(values)) element.setAttribute(name, value); };
  set(palette.querySelector("input"), { role: "combobox", "aria-autocomplete": "list", "aria-expanded": list !== null, "aria-controls": list ? list.id : found.id });
  if (list) set(list, { role: "listbox", "aria-label": palette.getAttribute("aria-label") });
  for (const group of found.querySelectorAll("ul")) group.setAttribute("role", "group");
  all.forEach((option, number) => {
    option.parentElement.setAttribute("role", "none");
    set(option, { role: "option", id: `option-${number}`, tabindex: -1 });
  });
  choose(palette, all[0]);
  if (palette.hasAttribute("data-entered")) enter(palette);
}

// Does what is chosen, as soon as the results are those of what was typed.
function enter(palette) {
  const isStale = palette.querySelector(".palette-found").dataset.q !== palette.querySelector("input").value;
  palette.toggleAttribute("data-entered", isStale);
  if (!isStale) palette.querySelector("[aria-selected=true]")?.click();
}

const dressPalettes = () => document.querySelectorAll("[data-palette]").forEach(dressPalette);

function moveInPalette(event, palette) {
  const all = options(palette);
  const to = all.findIndex((one) => one.getAttribute("aria-selected") === "true") + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  choose(palette, all[(to + all.length) % all.length]);
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

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-palette]")) return;
  event.preventDefault();
  enter(event.target);
});

document.addEventListener("click", (event) => {
  const pressing = closest(event, "[data-press]");
  if (pressing) {
    document.getElementById("dialog").close();
    named(pressing.dataset.press)?.click();
  }
  const button = closest(event, "[data-help]");
  if (button) setHelp(button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) localStorage.setItem(SINGLE, event.target.checked ? "on" : "off");
});
function drawSwitch() {
  for (const box of document.querySelectorAll("[data-single-keys]")) box.checked = singleKeys();
}
document.addEventListener("DOMContentLoaded", () => { drawHelp(); drawSwitch(); dressPalettes(); });
document.addEventListener("htmx:afterSettle", () => {
  drawHelp();
  drawSwitch();
  dressPalettes();
  if (document.activeElement.closest("dialog") === null || document.activeElement.id === "dialog") document.querySelector("dialog[open] [autofocus]")?.focus();
  handOverEarly();
});
