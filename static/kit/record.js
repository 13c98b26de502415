// While a recording is under way: send what somebody does with the controls of a page to the world's server. In the
// mode "see" a click does nothing but say what is to be asserted. vpnconsole/kit/recording turns it into steps.
"use strict";

(() => {
  const { address, typed, now, run } = document.currentScript.dataset;
  let { mode } = document.currentScript.dataset;
  const KIT = "[data-kit], #kit-panel, #kit-lab, #kit-stage, .kit-resume, .kit-open, .own-copy";
  const CONTROL = "a[href], button, summary, input, select, textarea, [role=tab], [role=button]";
  // What changes nothing but the view, and the kit's own controls.
  const IGNORED = `${KIT}, [data-copy], [data-copy-of], [data-secret-show], [data-secret-generate], [data-hide], [data-dismiss], [data-theme-switch], [data-size-switch], [data-collapse], [data-language], [data-fix], [data-row-add], [data-row-remove], .skip`;
  const VALUES = typed.split(" ").map((field) => `[data-testid="value-${field}"]`).join();
  const ASSERTED = `tr[data-name], [data-testid=state], [data-testid=status], [data-tunnel], [data-testid^=message-][data-operation], #dialog .summary[data-code], .notes:has([data-code]), [data-testid=error-summary], ${VALUES}`;
  // What happened by itself and says that a form was sent.
  const SHOWN = "[data-testid=imported], [data-testid=not-imported]";
  // Of a keepalive request. Longer ones are sent without.
  const KEPT_ALIVE = 60_000;
  // Bytes of a document. The server has the same bound.
  const LONGEST_DOCUMENT = 32 * 1024;

  // Events are put in order by this time: a page may be gone before its last request is served. It is the server's, since
  // clocks of several machines differ. All pages of a browser have one measure of it for a recording, so that they agree.
  const [navigation] = performance.getEntriesByType("navigation");
  function offset() {
    const [measured, found] = JSON.parse(localStorage.getItem("recordClock") || "[]");
    if (measured === run) return found;
    const made = Number(now) - performance.timeOrigin - (navigation?.requestStart || 0);
    localStorage.setItem("recordClock", JSON.stringify([run, made]));
    return made;
  }
  const ahead = offset();
  const clock = () => performance.timeOrigin + performance.now() + ahead;
  // What one tab does leads to no page of another one.
  const tab = sessionStorage.getItem("recordTab") || Math.random().toString(36).slice(2, 8);
  sessionStorage.setItem("recordTab", tab);

  // Whether the server has kept it.
  async function send(event, at = clock()) {
    const headers = document.body.getAttribute("hx-headers");
    // Nobody is signed in, or the page is about the recording.
    if (!headers || document.querySelector("main [data-kit]")) return false;
    const body = JSON.stringify({ ...event, tab, at });
    try {
      const answer = await fetch(address, { method: "POST", body, keepalive: body.length < KEPT_ALIVE, headers: { ...JSON.parse(headers), "Content-Type": "application/json" } });
      return answer.status === 204;
    } catch {
      return false;
    }
  }

  // --- what a control is called ----------------------------------------------------------------------------------
  const byTestid = (testid) => document.querySelector(`[data-testid="${CSS.escape(testid)}"]`);
  const stemOf = (row) => row.dataset.testid?.replace(/-row$/, "");

  // The row that a control belongs to. The menu of a row may stand elsewhere.
  function rowOf(control) {
    const menu = control.closest(".row-menu");
    const shared = menu?.dataset.of && byTestid(menu.dataset.of.replace(/-more$/, "-row"));
    return shared || control.closest("tr[data-name]");
  }

  function nameOf(control) {
    const { testid } = control.dataset;
    const row = rowOf(control);
    const stem = row && stemOf(row);
    if (row?.dataset.name && testid === stem) return { row: row.dataset.name };
    if (row?.dataset.name && testid?.startsWith(`${stem}-`)) return { row: row.dataset.name, part: testid.slice(stem.length + 1) };
    const tunnel = control.closest("[data-tunnel]");
    const begins = `${tunnel?.dataset.testid}-`;
    if (testid?.startsWith(begins)) return { tunnel: Number(tunnel.dataset.tunnel), part: testid.slice(begins.length) };
    return { testid: testid || "" };
  }

  // What opens the menu that a control is in; blank if it is not in one, or in one that is always shown.
  function openerOf(control) {
    const menu = control.closest("details[data-menu], [popover]:not(.row-menu)");
    const opener = menu?.matches("details") ? menu.querySelector("summary") : menu && document.querySelector(`[popovertarget="${menu.id}"]`);
    return opener && opener !== control && opener.checkVisibility() ? opener.dataset.testid || "" : "";
  }

  const isOpener = (control) => control.matches("details[data-menu] > summary, [popovertarget]") || (control.matches("summary") && control.closest("form"));

  // --- typing and choosing ---------------------------------------------------------------------------------------
  const isKey = (control) => control.type === "password" || control.closest("[data-secret]") !== null;
  const typing = new Set();
  // What was sent of a text: scripts and browsers may both tell of one change.
  const told = new WeakMap();

  function valueOf(control) {
    if (isKey(control)) return control.value ? { generated: control.value.length } : "";
    if (control.type === "checkbox") return control.checked;
    if (control.matches("select")) return control.selectedOptions[0]?.dataset.name || control.value;
    return control.value;
  }

  // Several texts, or keys and values.
  function valuesIn(rows) {
    const items = [...rows.querySelectorAll(":scope > [data-row]")].map((row) => [...row.querySelectorAll("input, select")].map((one) => one.value.trim()));
    const filled = items.filter(([first]) => first);
    return filled.some((item) => item.length > 1) ? Object.fromEntries(filled) : filled.map(([first]) => first);
  }

  // A file, or what was pasted. One that is too long, or is no text, is named.
  async function documentOf(control, at) {
    const file = control.files?.[0] || new Blob([control.value]);
    let text = "";
    try {
      if (file.size <= LONGEST_DOCUMENT) text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch { /* It is no text, or has gone. */ }
    send({ is: "set", testid: control.dataset.testid, value: { document: text, name: file.name || "" } }, at);
  }

  function set(control) {
    typing.delete(control);
    if (control.matches("textarea, input:not([type=checkbox], [type=radio], [type=file])")) {
      if (told.get(control) === control.value) return;
      told.set(control, control.value);
    }
    const { testid } = control.dataset;
    const rows = control.closest("[data-rows]");
    if (control.closest(`${KIT}, [data-narrow]`)) {
      // Is not part of the form.
    } else if (rows) {
      const field = rows.querySelector("[data-row-add]").dataset.testid.replace(/-add$/, "");
      send({ is: "set", testid: field, value: valuesIn(rows) });
    } else if (!testid) {
      // Has no name.
    } else if (control.matches("[type=file], [data-secret-names]") && control.value) {
      documentOf(control, clock());
    } else if (control.type === "file") {
      // Nothing is chosen any more.
    } else if (control.type === "radio") {
      send({ is: "set", testid: testid.slice(0, -control.value.length - 1), value: control.value });
    } else if (control.type === "checkbox" && !testid.startsWith("field-")) {
      send({ is: "click", ...nameOf(control), via: "" });
    } else {
      send({ is: "set", testid, value: valueOf(control) });
    }
  }

  // What has been typed is a change only when the field is left.
  function settle() {
    for (const control of typing) if (control.isConnected) set(control);
    typing.clear();
  }

  window.addEventListener("input", ({ target }) => { if (target.matches?.("input:not([type=checkbox], [type=radio]), textarea")) typing.add(target); }, true);
  window.addEventListener("change", ({ target }) => { if (target.matches?.("input, select, textarea, [data-rows]")) set(target); }, true);
  window.addEventListener("pagehide", settle);

  // --- pressing --------------------------------------------------------------------------------------------------
  // What was pressed last, and what is pressed while events of a press go on: they may send a form.
  let [last, present] = [null, null];
  const leaves = (control) => control.matches("a[href], button:not([type=button]), input[type=submit]");
  const opensTab = (control, event) => control.matches("a[href]") && (event.ctrlKey || event.metaKey || event.shiftKey || control.matches("[target=_blank]:not([hx-get])"));

  function press(event) {
    const control = event.target.closest?.(CONTROL);
    if (!control || control.matches("select, textarea, input:not([type=submit], [type=button])")) return;
    present = control;
    setTimeout(() => { present = null; });
    if (!control.matches("[data-draft-discard]")) escaped = false;
    // The second click of a double click does nothing where the first one leads elsewhere.
    const isSecond = event.detail > 1 && control === last && leaves(control);
    last = control;
    // A new tab sends its own page. Scripts press the button that reads a list again.
    if (!isSecond && !opensTab(control, event) && (event.isTrusted || !control.matches("[data-refresh]"))) record(control);
  }

  function record(pressed) {
    // Enter in a form may press a button that nobody sees, in place of the one at its end.
    const control = pressed.matches("[aria-hidden=true]") && pressed.form?.querySelector("[data-testid$=-ok]") || pressed;
    if (control.closest(IGNORED)) return;
    settle();
    // Enter in a search presses a button that scripts hide.
    if (isOpener(control) || !control.checkVisibility()) return;
    send({ is: "click", ...nameOf(control), via: openerOf(control) });
    sessionStorage.setItem("recordPressed", Date.now());
  }

  // Ctrl+Enter sends a form without pressing its button.
  window.addEventListener("submit", ({ submitter }) => { if (mode !== "see" && submitter && submitter !== present) record(submitter); }, true);

  // Escape in a dialog. It may be asked first whether to discard what was typed.
  let escaped = false;
  window.addEventListener("cancel", ({ target }) => { if (target.id === "dialog") escaped = true; }, true);
  window.addEventListener("close", ({ target }) => {
    if (target.id !== "dialog" || !escaped) return;
    escaped = false;
    send({ is: "click", testid: "dialog-x", via: "" });
  }, true);

  // --- pages, and what they say ----------------------------------------------------------------------------------
  const here = () => location.pathname + location.search;
  const said = new WeakSet();

  function listen() {
    for (const element of document.querySelectorAll(`[data-testid^=message-][data-operation], ${SHOWN}`)) {
      if (said.has(element)) continue;
      said.add(element);
      if (element.matches(SHOWN)) send({ is: "see", see: { testid: element.dataset.testid } });
      else send({ is: "said", operation: element.dataset.operation });
    }
    mark();
  }

  function arrive() {
    const { type } = navigation || {};
    const pressed = Number(sessionStorage.getItem("recordPressed"));
    // A press leads to one page, or to more at once: one that is read again, or that a double click asks for twice.
    const isJust = performance.timeOrigin - pressed < 1000;
    const isNew = sessionStorage.getItem("recordLed") !== String(pressed);
    sessionStorage.setItem("recordLed", pressed);
    // An address that somebody has typed has no page before it, and one that a script opens by itself was not pressed.
    const led = type === "navigate" ? pressed > 0 && document.referrer !== "" && (isNew || isJust) : type === "reload" && isJust;
    send({ is: "page", path: here(), led });
    listen();
  }
  document.addEventListener("DOMContentLoaded", arrive);
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) send({ is: "page", path: here(), led: false }); });
  window.addEventListener("popstate", () => send({ is: "page", path: here(), led: false }));
  for (const name of ["htmx:afterSettle", "htmx:after:settle"]) document.addEventListener(name, listen);

  // --- the mode in which a click says what is to be seen; with Alt, a single click does -----------------------------
  // The attribute as it was, of elements that the keyboard reaches meanwhile.
  const tabindexes = new WeakMap();

  function mark() {
    document.documentElement.toggleAttribute("data-asserting", mode === "see");
    document.querySelector("[data-record-mode] button")?.setAttribute("aria-pressed", String(mode === "see"));
    for (const element of document.querySelectorAll(mode === "see" ? ASSERTED : "[data-assertable]")) {
      element.toggleAttribute("data-assertable", mode === "see");
      if (mode === "see" && element.tabIndex < 0) {
        tabindexes.set(element, element.getAttribute("tabindex"));
        element.tabIndex = 0;
      } else if (mode !== "see" && tabindexes.has(element)) {
        const before = tabindexes.get(element);
        tabindexes.delete(element);
        if (before === null) element.removeAttribute("tabindex");
        else element.setAttribute("tabindex", before);
      }
    }
  }

  function change() {
    settle();
    mode = mode === "see" ? "do" : "see";
    mark();
    send({ is: "mode", mode });
  }

  // A text without the controls beside it.
  function textOf(element) {
    const copy = element.cloneNode(true);
    for (const control of copy.querySelectorAll("button, a:not(:only-child)")) control.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function errorsIn(scope) {
    const found = {};
    for (const notes of scope.querySelectorAll(".notes:has(.invalid-feedback[data-code])")) {
      found[notes.dataset.testid.replace(/^notes-/, "")] = notes.querySelector(".invalid-feedback").dataset.code;
    }
    return found;
  }

  function codesIn(element, part) {
    const codes = {};
    for (const code of ["state", "status"]) {
      // The cell that was pointed at, otherwise all of them.
      const holder = part?.closest(`[data-${code}]`) || (part?.closest("[data-state], [data-status]") ? null : element.querySelector(`[data-${code}]`));
      if (holder && element.contains(holder)) codes[code] = holder.dataset[code];
    }
    return codes;
  }

  function seen(element, part) {
    if (element.matches("tr")) return { row: element.dataset.name, ...codesIn(element, part) };
    if (element.matches("[data-tunnel]")) return { tunnel: Number(element.dataset.tunnel), ...codesIn(element, part) };
    if (element.matches("[data-testid=state]")) return { state: element.dataset.state };
    if (element.matches("[data-testid=status]")) return { status: element.dataset.status };
    if (element.matches("[data-operation]")) return { said: element.dataset.operation };
    if (element.matches("#dialog .summary[data-code]")) return { refused: element.dataset.code };
    if (element.matches(".notes, [data-testid=error-summary]")) return { errors: errorsIn(element.closest("#dialog, main")) };
    return { testid: element.dataset.testid, text: textOf(element) };
  }

  async function assert(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const element = event.target.closest(ASSERTED);
    if (!element) return;
    settle();
    const isKept = await send({ is: "see", see: seen(element, event.target) });
    const mark = isKept ? "data-asserted-now" : "data-not-asserted";
    element.setAttribute(mark, "");
    setTimeout(() => element.removeAttribute(mark), 1500);
    const words = document.querySelector("[data-record-mode]")?.dataset;
    say((isKept ? words?.asserted : words?.refused) || "");
  }

  // Ways out of the mode, and of a dialog.
  const leads = (event) => event.target.closest?.(`${KIT}, [data-dialog-close]`);
  const asserts = (event) => (mode === "see" || event.altKey) && !leads(event);

  // Before all other scripts, and before links, buttons and lists do anything.
  for (const name of ["pointerdown", "mousedown", "submit"]) {
    window.addEventListener(name, (event) => { if (asserts(event)) event.preventDefault(); }, true);
  }
  window.addEventListener("click", (event) => { if (asserts(event)) assert(event); else press(event); }, true);
  window.addEventListener("keydown", (event) => {
    // AltGr, which types a letter, is Ctrl and Alt on some systems.
    if (event.altKey && event.code === "KeyA" && !event.ctrlKey && !event.metaKey && !event.repeat) { event.preventDefault(); change(); }
    else if (mode === "see" && event.key === "Enter" && event.target.matches?.("[data-assertable]")) assert(event);
  }, true);
  window.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-record-mode]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    change();
  }, true);
})();
