// Menus, rows, secrets, copying and dialogs. Everything also works without scripts, less conveniently.
"use strict";

// An open dialog makes everything else inert, so it has a live region of its own.
const say = (text) => { document.getElementById(document.querySelector("#dialog[open]") ? "dialog-live" : "live").textContent = text; };
// The page contains the translated texts of scripts (shared/_states.html).
const word = (name) => document.getElementById("words").dataset[name];
const setCookie = (name, value) => { document.cookie = `${name}=${value}; path=${document.documentElement.dataset.home}; max-age=31536000; samesite=lax`; };
const closest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

// --- controls that only exist with scripts ---------------------------------------------------------------------
function reveal(root) {
  for (const element of root.querySelectorAll("[data-secret-show], [data-secret-generate], [data-hide], [data-dismiss], [data-theme-switch], [data-size-switch], [data-collapse]")) element.hidden = false;
}

// --- set aria-invalid on fields whose messages htmx has swapped -------------------------------------------------
function markInvalid(root) {
  for (const notes of root.querySelectorAll(".notes")) {
    const wrong = notes.querySelector(".invalid-feedback") !== null;
    for (const control of notes.parentElement.querySelectorAll("input:not([type=hidden]), select")) {
      if (wrong) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
    }
  }
}

// --- copying ---------------------------------------------------------------------------------------------------
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { /* Not permitted; try the older way. */ }
  }
  // There is no clipboard object on plain http, except on localhost.
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") || document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused.focus({ preventScroll: true });
  return done;
}

// --- rows ------------------------------------------------------------------------------------------------------
function renumber(rows) {
  const items = rows.querySelectorAll("[data-row]");
  items.forEach((item, index) => {
    for (const control of item.querySelectorAll("[aria-label]")) {
      control.setAttribute("aria-label", control.getAttribute("aria-label").replace(/ \d+$/, "") + ` ${index + 1}`);
    }
    for (const control of item.querySelectorAll("[data-testid]")) {
      control.dataset.testid = control.dataset.testid.replace(/-(new|\d+)(?=$|-remove$)/, `-${index + 1}`);
    }
    const remove = item.querySelector("[data-row-remove]");
    const name = rows.querySelector("[data-row-add]").value.replace("add:", "");
    remove.value = `remove:${name}:${index}`;
  });
  rows.querySelector("[data-row-add]").hidden = items.length >= Number(rows.dataset.rowsMax);
}

function addRow(rows) {
  const row = rows.querySelector("template").content.firstElementChild.cloneNode(true);
  rows.querySelector("template").before(row);
  renumber(rows);
  row.querySelector("input, select").focus();
  say(word("rowAdded"));
}

function removeRow(row) {
  const rows = row.closest("[data-rows]");
  const items = [...rows.querySelectorAll("[data-row]")];
  if (items.length === 1) {
    for (const control of row.querySelectorAll("input, select")) control.value = "";
    row.querySelector("input, select").focus();
  } else {
    const first = row === items[0];
    const neighbor = items[items.indexOf(row) + 1] || items[items.indexOf(row) - 1];
    if (first) neighbor.querySelector("input, select").id = row.querySelector("input, select").id;
    row.remove();
    neighbor.querySelector("input, select").focus();
  }
  renumber(rows);
  say(word("rowRemoved"));
  rows.dispatchEvent(new Event("change", { bubbles: true }));
}

// --- secrets ---------------------------------------------------------------------------------------------------
function showSecret(secret, show) {
  const button = secret.querySelector("[data-secret-show]");
  secret.querySelector("input").type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
  button.textContent = word(show ? "hide" : "show");
}

function generate(secret) {
  const input = secret.querySelector("input");
  const alphabet = input.dataset.generate;
  const length = Number(input.dataset.generateLength);
  const limit = 256 - (256 % alphabet.length);
  let key = "";
  while (key.length < length) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) key += alphabet[byte % alphabet.length];
  }
  input.value = key;
  showSecret(secret, true);
  input.dispatchEvent(new Event("change", { bubbles: true }));
  say(word("generated"));
}

// --- color scheme and size of text ----------------------------------------------------------------------------
function markChosen(name, value) {
  for (const button of document.querySelectorAll(`[data-${name}-switch] button`)) button.setAttribute("aria-pressed", String(button.value === value));
}

function chooseTheme(value) {
  setCookie("theme", value);
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.setAttribute("data-bs-theme", value === "auto" ? system : value);
  markChosen("theme", value);
}

function chooseSize(value) {
  setCookie("size", value);
  document.documentElement.setAttribute("data-size", value);
  markChosen("size", value);
}

// --- side menu: icons alone, or with words --------------------------------------------------------------------
function drawSide() {
  const narrow = document.documentElement.dataset.side === "narrow";
  document.querySelector("[data-collapse]")?.setAttribute("aria-pressed", String(narrow));
  for (const entry of document.querySelectorAll(".side .icon")) entry.title = narrow ? entry.textContent : "";
}

function chooseSide(value) {
  setCookie("side", value);
  document.documentElement.dataset.side = value;
  drawSide();
}

// --- drawers and sheets are popovers: the focus goes in and comes back, and the rest is out of reach ----------------
function keepBehind(modal, inert) {
  for (let one = modal; one && one !== document.body; one = one.parentElement) {
    for (const other of one.parentElement.children) if (other !== one) other.inert = inert;
  }
}
const openModal = () => document.querySelector("[data-modal]:popover-open");
const shutModal = () => openModal()?.hidePopover();
document.addEventListener("beforetoggle", ({ target, newState }) => { if (target.matches("[data-modal]")) keepBehind(target, newState === "open"); }, true);
// What has been swapped meanwhile.
document.addEventListener("htmx:afterSettle", () => keepBehind(openModal(), true));
document.addEventListener("toggle", ({ target, newState }) => {
  if (!target.matches("[data-modal]")) return;
  if (newState === "open") (target.querySelector("[aria-current]") || target.querySelector("a, select, input"))?.focus();
  else if (document.activeElement === document.body) document.querySelector(`[popovertarget="${target.id}"]`).focus();
}, true);
window.addEventListener("pagehide", shutModal);
// The screen was turned.
matchMedia("(max-width: 900px)").addEventListener("change", shutModal);

// --- switching the language; forms.js keeps what was typed into a form --------------------------------------------
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-language]")) sessionStorage.setItem("picked", JSON.stringify([location.href, picks()]));
});

// --- selecting rows of a list ----------------------------------------------------------------------------------
const boxes = () => [...document.querySelectorAll("[data-bulk] input[name=id]")];
const picks = () => boxes().filter((box) => box.checked).map((box) => box.value);

// Swapped rows stay selected.
function pickAgain(ids) {
  for (const box of boxes()) box.checked ||= ids.includes(box.value);
  countPicked();
}

let picked = [];
document.addEventListener("htmx:beforeSwap", () => { picked = picks(); });
document.addEventListener("htmx:afterSwap", () => pickAgain(picked));

function countPicked() {
  const bulk = document.querySelector("[data-bulk]");
  if (!bulk) return;
  const number = picks().length;
  const all = bulk.querySelector("[data-pick-all]");
  all.checked = number > 0 && number === boxes().length;
  all.indeterminate = number > 0 && number < boxes().length;
  bulk.querySelector("[data-bulk-count]").textContent = number ? word("selected").replace("#", number) : "";
}

// A value that has all of its characters need not be left first.
document.addEventListener("input", ({ target }) => {
  if (target.value.length === Number(target.dataset.whole)) target.dispatchEvent(new Event("change", { bubbles: true }));
});

// A search among choices is not a value of the form, so it must not trigger validation.
document.addEventListener("change", (event) => { if (closest(event, "[data-narrow]")) event.stopPropagation(); }, true);

document.addEventListener("change", (event) => {
  if (closest(event, "[data-pick-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (closest(event, "[data-bulk]")) countPicked();
});

// --- delegated events ------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    const chosen = menu.contains(event.target);
    if (chosen && !closest(event, ".menu-list a")) continue;
    menu.open = false;
    // A dialog that opens gives the focus back.
    if (chosen) menu.querySelector("summary").focus();
  }
  let found;
  if ((found = closest(event, "[data-row-add]"))) {
    event.preventDefault();
    addRow(found.closest("[data-rows]"));
  } else if ((found = closest(event, "[data-row-remove]"))) {
    event.preventDefault();
    removeRow(found.closest("[data-row]"));
  } else if ((found = closest(event, "[data-secret-show]"))) {
    showSecret(found.closest("[data-secret]"), found.getAttribute("aria-pressed") !== "true");
  } else if ((found = closest(event, "[data-secret-generate]"))) {
    generate(found.closest("[data-secret]"));
  } else if ((found = closest(event, "[data-copy]"))) {
    const button = found;
    copy(button.dataset.copy).then(
      (done) => say(word(done ? "copied" : "notCopied")),
      () => say(word("notCopied")),
    );
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } else if ((found = closest(event, "[data-hide]"))) {
    hideKey(found.closest("[data-revealed]"));
  } else if ((found = closest(event, "[data-dismiss]"))) {
    found.closest(".alert").remove();
    document.getElementById("main").focus();
  } else if ((found = closest(event, "[data-dialog-close]"))) {
    const dialog = found.closest("dialog");
    if (dialog) {
      event.preventDefault();
      // Its event, which may load the page again, comes later.
      stir();
      dialog.close();
    }
  } else if ((found = closest(event, "[data-theme-switch] button"))) {
    chooseTheme(found.value);
  } else if ((found = closest(event, "[data-size-switch] button"))) {
    chooseSize(found.value);
  } else if (closest(event, "[data-collapse]")) {
    chooseSide(document.documentElement.dataset.side === "narrow" ? "wide" : "narrow");
  }
});

// Enter in the checkbox of a row must not submit the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && closest(event, "[data-bulk] input")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- back/forward cache: browsers keep whole pages in memory ----------------------------------------------------
function hideKeys() {
  document.querySelectorAll("[data-revealed]").forEach(hideKey);
  for (const secret of document.querySelectorAll("[data-secret]")) showSecret(secret, false);
}

function hideKey(revealed) {
  const hidden = revealed.querySelector("template")?.content.firstElementChild.cloneNode(true);
  if (hidden) {
    const hadFocus = revealed.contains(document.activeElement);
    revealed.replaceWith(hidden);
    htmx.process(hidden);
    if (hadFocus) hidden.querySelector("a")?.focus();
  } else revealed.textContent = "••••••••";
}
window.addEventListener("pagehide", hideKeys);
// htmx keeps snapshots of lists in the session storage.
document.addEventListener("htmx:beforeHistorySave", hideKeys);
// Show a restored page only if the session still belongs to the same user.
window.addEventListener("pageshow", async (event) => {
  const { user, session } = document.body.dataset;
  if (!event.persisted || !user) return;
  document.body.style.visibility = "hidden";
  let same = false;
  try {
    const answer = await fetch(session, { redirect: "manual" });
    same = answer.ok && (await answer.text()) === user;
  } catch { /* Unknown: reload the page. */ }
  if (same) document.body.style.visibility = "";
  else {
    // Don't ask about unsaved input: another user may be at the browser now.
    leaving = true;
    location.reload();
  }
});

// --- for test scripts: html[data-idle] while no request, swap or submit is under way, or waits for more input ----
const underWay = new Set();
let settling = 0;

function stir() {
  delete document.documentElement.dataset.idle;
  clearTimeout(settling);
  // Requests that follow from a response call stir() again.
  settling = setTimeout(() => { if (!underWay.size) document.documentElement.dataset.idle = ""; }, 60);
}

function begin(work) {
  underWay.add(work);
  stir();
}

function end(work) {
  underWay.delete(work);
  stir();
}

// Not htmx's events about the end: they don't reach the document if the element has been replaced meanwhile.
document.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => {
  begin(xhr);
  xhr.addEventListener("loadend", () => end(xhr));
});
// An element that has been replaced need not update itself any more; the answer would find no place on the page.
const polls = new WeakMap();
document.addEventListener("htmx:beforeSend", ({ detail: { elt, target, xhr } }) => { if (elt === target) polls.set(elt, xhr); });
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  const xhr = polls.get(target);
  if (xhr && xhr.readyState < XMLHttpRequest.DONE) xhr.abort();
});
// A field whose request waits until the user stops typing. The request begins before this timeout ends.
document.addEventListener("input", (event) => {
  const triggers = [event.target, event.target.form].map((one) => one?.getAttribute("hx-trigger") || "").join();
  const delay = /\binput[^,]*delay:(\d+)ms/.exec(triggers);
  if (!delay) return;
  begin(event);
  setTimeout(() => end(event), Number(delay[1]));
});
for (const name of ["htmx:afterSettle", "htmx:after:settle"]) document.addEventListener(name, stir);
document.addEventListener("submit", (event) => {
  // The next page sets the flag. A submit that htmx or a script handles counts as a request.
  if (!event.defaultPrevented) { delete document.documentElement.dataset.idle; clearTimeout(settling); }
});
window.addEventListener("pageshow", stir);

// --- htmx ------------------------------------------------------------------------------------------------------
let opener = null;

// Not the first button: it may be hidden, or delete something.
function start(dialog) {
  const first = ["[autofocus]", "form :is(input, select, textarea)", "a[href], button, summary"];
  first.flatMap((which) => [...dialog.querySelectorAll(which)]).find((one) => one.tabIndex >= 0 && one.checkVisibility())?.focus();
}

const named = (name) => name && document.querySelector(`[data-testid="${CSS.escape(name)}"]`);

function afterSwap(event) {
  const target = event.detail.target || event.target;
  if (target && target.id === "dialog-body") {
    const dialog = document.getElementById("dialog");
    const opens = !dialog.open && target.childElementCount;
    if (opens) {
      shutModal();
      const menu = document.querySelector(".row-menu:popover-open");
      menu?.hidePopover();
      opener = menu ? named(menu.dataset.of) : document.activeElement;
      dialog.showModal();
    }
    // The focus was on what has been replaced, unless it is in the dialog.
    if (opens || document.activeElement === document.body) start(target);
    target.querySelector(".summary")?.focus();
  }
  // A form has changed its page in place.
  if (target && target.id === "main") {
    const message = document.querySelector("#messages .alert");
    if (message) say(message.firstChild.textContent.trim());
    if (document.activeElement === document.body) document.querySelector("[data-refocus]")?.focus({ preventScroll: true });
  }
  // Not for ever on a screen that others may see.
  for (const shown of document.querySelectorAll("[data-revealed]:has(template):not([data-timed])")) {
    shown.dataset.timed = "";
    setTimeout(() => { if (shown.isConnected) hideKey(shown); }, 30000);
  }
  if (target === document.body || target?.id === "main") begun();
  else reveal(document);
  markInvalid(document);
  countPicked();
}

for (const name of ["htmx:afterSettle", "htmx:after:settle"]) document.addEventListener(name, afterSwap);

// Responses may arrive out of order: don't replace an element with the response to an earlier request. Abort pending
// requests of replaced elements, whose targets no longer exist.
let asked = 0;
let answering = 0;
const order = new WeakMap();
const answered = new Map();
document.addEventListener("htmx:beforeRequest", (event) => { order.set(event.detail.xhr, ++asked); });
document.addEventListener("htmx:beforeSwap", (event) => { answering = order.get(event.detail.xhr) || 0; });
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { id } = event.detail.target;
  // Announce it in the live region that is not inert.
  if (id === "live") {
    event.detail.shouldSwap = false;
    say(event.detail.fragment.textContent.trim());
    return;
  }
  if (answering < (answered.get(id) || 0)) {
    event.detail.shouldSwap = false;
    return;
  }
  answered.set(id, answering);
  for (const asking of event.target.querySelectorAll("[hx-post]")) htmx.trigger(asking, "htmx:abort");
});

// A poll found its resource deleted, by the user perhaps: its row leaves the list, and its page is loaded again.
document.addEventListener("resource-gone", ({ target }) => {
  const row = target.closest("tr");
  row?.remove();
  countPicked();
  // Unless a request besides the poll is under way, which may lead elsewhere.
  if (!row && underWay.size < 2) location.reload();
});

// Select the resource that a dialog created in the field that opened the dialog.
document.addEventListener("resource-created", (event) => {
  const { kind, id, label, name } = event.detail;
  for (const select of document.querySelectorAll(`select[data-accepts="${kind}"]`)) {
    const option = new Option(label, id, true, true);
    option.dataset.name = name;
    select.add(option);
    select.dispatchEvent(new Event("change", { bubbles: true }));
    opener = select;
  }
  document.getElementById("dialog").close();
});

// What is drawn anew when a form has replaced its page, in another language perhaps.
function begun() {
  reveal(document);
  for (const rows of document.querySelectorAll("[data-rows]")) renumber(rows);
  const theme = /(?:^|; )theme=(auto|light|dark)/.exec(document.cookie);
  markChosen("theme", theme ? theme[1] : "auto");
  markChosen("size", document.documentElement.dataset.size || "usual");
  drawSide();
  for (const now of document.querySelectorAll(".tabs li [aria-current]")) now.closest("ul").scrollLeft = now.parentElement.offsetLeft - 60;
  if (!matchMedia("(max-width: 600px)").matches) return;
  for (const part of document.querySelectorAll("[data-phone-fold]")) {
    part.open = part.parentElement.matches(":target");
    part.querySelector("summary").removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  begun();
  const [page, ids] = JSON.parse(sessionStorage.getItem("picked") || "[]");
  sessionStorage.removeItem("picked");
  if (page === location.href) pickAgain(ids);
});
// This event does not bubble.
document.addEventListener("close", ({ target }) => {
  if (target.id !== "dialog") return;
  const body = document.getElementById("dialog-body");
  const isStale = body.querySelector("[data-changed]") !== null;
  body.replaceChildren();
  if (isStale) {
    // The page is never idle again.
    begin(body);
    location.reload();
    return;
  }
  // A poll may have replaced the opener's row.
  (opener?.isConnected ? opener : named(opener?.dataset.testid))?.focus();
}, true);
