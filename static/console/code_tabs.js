// Code listings: tabs (without scripts the listings are below each other), and buttons that copy a listing.
"use strict";

// --- tabs, by the keyboard pattern of WAI-ARIA; the session remembers the last one chosen ----------------------
const KEPT = "language";

function chooseTab(tab, focus) {
  for (const one of tab.parentElement.querySelectorAll("[role=tab]")) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) {
    tab.focus();
    sessionStorage.setItem(KEPT, tab.id);
  }
}

function drawTabs(root) {
  for (const group of root.querySelectorAll("[data-tabs]:not([data-drawn])")) {
    group.dataset.drawn = "";
    const tabs = [...group.querySelectorAll("[role=tab]")];
    for (const tab of tabs) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      panel.setAttribute("role", "tabpanel");
      panel.removeAttribute("aria-label");
      panel.setAttribute("aria-labelledby", tab.id);
      panel.querySelector("[data-tab-title]").hidden = true;
    }
    group.querySelector("[role=tablist]").hidden = false;
    chooseTab(tabs.find((tab) => tab.id === sessionStorage.getItem(KEPT)) || tabs[0], false);
  }
  for (const button of root.querySelectorAll("[data-copy-of]")) button.hidden = false;
}

// If the browser does not allow copying, select the text for the user to copy.
async function copyListing(button) {
  const listing = document.getElementById(button.dataset.copyOf);
  const done = await copy(listing.textContent);
  if (done) {
    const before = button.dataset.text || button.textContent;
    button.dataset.text = before;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 1500);
  } else {
    const reveal = document.getElementById("peer-reveal");
    if (reveal) reveal.checked = true;
    listing.closest(".listing").focus();
    getSelection().selectAllChildren(listing);
  }
  say(done ? button.dataset.done : button.dataset.failed);
}

document.addEventListener("click", (event) => {
  const tab = closest(event, "[data-tabs] [role=tab]");
  if (tab) chooseTab(tab, true);
  const button = closest(event, "[data-copy-of]");
  if (button) copyListing(button);
});

document.addEventListener("keydown", (event) => {
  const tab = closest(event, "[data-tabs] [role=tab]");
  if (!tab) return;
  const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
  const at = tabs.indexOf(tab);
  const next = {
    ArrowRight: tabs[(at + 1) % tabs.length],
    ArrowLeft: tabs[(at - 1 + tabs.length) % tabs.length],
    Home: tabs[0],
    End: tabs[tabs.length - 1],
  }[event.key];
  if (next) {
    event.preventDefault();
    chooseTab(next, true);
  }
});

for (const name of ["htmx:afterSettle", "htmx:after:settle"]) document.addEventListener(name, () => drawTabs(document));
document.addEventListener("DOMContentLoaded", () => drawTabs(document));
