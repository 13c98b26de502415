// While a recording is under way: send what somebody does with the controls of a page to the world's server. In the
// mode "see" a click does nothing but say what is to be asserted. vpnconsole/kit/recording turns it into steps.
"use strict";

(() => {
  const { address, typed } = document.currentScript.dataset;
  let { mode } = document.currentScript.dataset;
  const CONTROL = "a[href], button, summary, input, select, textarea, [role=tab], [role=button]";
  // What changes nothing but the view, and the kit's own controls.
  const IGNORED = "[data-kit], .kit-panel, [data-copy], [data-copy-of], [data-secret-show], [data-secret-generate], [data-hide], [data-dismiss], [data-theme-switch], [data-size-switch], [data-collapse], [data-language], [data-fix], [data-row-add], [data-row-remove], .skip";
  const VALUES = typed.split(" ").map((field) => `[data-testid="value-${field}"]`).join();
  const ASSERTED = `tr[data-name], [data-testid=state], [data-testid=status], [data-tunnel], [data-testid^=message-][data-operation], #dialog .summary[data-code], .notes:has([data-code]), [data-testid=error-summary], ${VALUES}`;
  // Of a keepalive request. Longer ones are sent without.
  const KEPT_ALIVE = 60_000;

  // Events are put in order by this time: a page may be gone before its last request is served.
  function send(event) {
    const headers = document.body.getAttribute("hx-headers");
    // Nobody is signed in, or the page is about the recording.
    if (!headers || document.querySelector("main [data-kit]")) return;
    const body = JSON.stringify({ ...event, at: performance.timeOrigin + performance.now() });
    fetch(address, { method: "POST", body, keepalive: body.length < KEPT_ALIVE, headers: { ...JSON.parse(headers), "Content-Type": "application/json" } }).catch(() => {});
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

  function set(control) {
    typing.delete(control);
    const { testid } = control.dataset;
    const rows = control.closest("[data-rows]");
    if (rows) {
      const field = rows.querySelector("[data-row-add]").dataset.testid.replace(/-add$/, "");
      send({ is: "set", testid: field, value: valuesIn(rows) });
    } else if (!testid || control.type === "file" || control.closest("[data-kit], [data-narrow]")) {
      // Has no name, or is not part of the form.
    } else if (control.type === "radio") {
      send({ is: "set", testid: testid.slice(0, -control.value.length - 1), value: control.value });
    } else if (control.type === "checkbox" && !testid.startsWith("field-")) {
      send({ is: "click", ...nameOf(control), via: "" });
    } else {
      send({ is: "set", testid, value: valueOf(control) });
    }
  }

  // What has been typed is a change only when the field is left.
  const settle = () => { for (const control of [...typing]) set(control); };

  window.addEventListener("input", ({ target }) => { if (target.matches?.("input:not([type=checkbox], [type=radio]), textarea")) typing.add(target); }, true);
  window.addEventListener("change", ({ target }) => { if (target.matches?.("input, select, textarea, [data-rows]")) set(target); }, true);
  window.addEventListener("pagehide", settle);

  // --- pressing --------------------------------------------------------------------------------------------------
  function press(event) {
    const control = event.target.closest?.(CONTROL);
    if (!control || control.closest(IGNORED) || control.matches("select, textarea, input:not([type=submit], [type=button])")) return;
    settle();
    // Enter in a field presses a button that scripts hide. Scripts press the one that reads a list again.
    if (isOpener(control) || !control.checkVisibility() || (!event.isTrusted && control.matches("[data-refresh]"))) return;
    send({ is: "click", ...nameOf(control), via: openerOf(control) });
    sessionStorage.setItem("recordPressed", Date.now());
  }

  let escaped = false;
  window.addEventListener("cancel", ({ target }) => { escaped = target.id === "dialog"; }, true);
  window.addEventListener("close", ({ target }) => {
    if (target.id !== "dialog" || !escaped) return;
    escaped = false;
    send({ is: "click", testid: "dialog-x", via: "" });
  }, true);

  // --- pages, and what they say ----------------------------------------------------------------------------------
  const here = () => location.pathname + location.search;
  const said = new WeakSet();

  function listen() {
    for (const message of document.querySelectorAll("[data-testid^=message-][data-operation]")) {
      if (said.has(message)) continue;
      said.add(message);
      send({ is: "said", operation: message.dataset.operation });
    }
    mark();
  }

  function arrive() {
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    // An address that somebody has typed has no page before it. What is pressed may read the page again.
    const pressed = performance.timeOrigin - Number(sessionStorage.getItem("recordPressed")) < 1000;
    send({ is: "page", path: here(), led: type === "navigate" ? document.referrer !== "" : type === "reload" && pressed });
    listen();
  }
  document.addEventListener("DOMContentLoaded", arrive);
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) send({ is: "page", path: here(), led: false }); });
  window.addEventListener("popstate", () => send({ is: "page", path: here(), led: false }));
  for (const name of ["htmx:afterSettle", "htmx:after:settle"]) document.addEventListener(name, listen);

  // --- the mode in which a click says what is to be seen; with Alt, a single click does -----------------------------
  function mark() {
    document.documentElement.toggleAttribute("data-asserting", mode === "see");
    document.querySelector("[data-record-mode] button")?.setAttribute("aria-pressed", String(mode === "see"));
    for (const element of document.querySelectorAll(mode === "see" ? ASSERTED : "[data-assertable]")) {
      element.toggleAttribute("data-assertable", mode === "see");
      // For the keyboard.
      if (mode === "see" && element.tabIndex < 0) element.tabIndex = 0;
      else if (mode !== "see" && element.getAttribute("tabindex") === "0") element.removeAttribute("tabindex");
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

  function assert(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const element = event.target.closest(ASSERTED);
    if (!element) return;
    settle();
    send({ is: "see", see: seen(element, event.target) });
    element.setAttribute("data-asserted-now", "");
    setTimeout(() => element.removeAttribute("data-asserted-now"), 1500);
    say(document.querySelector("[data-record-mode]")?.dataset.asserted || "");
  }

  // Ways out of the mode, and of a dialog.
  const leads = (event) => event.target.closest?.("[data-kit], .kit-panel, [data-dialog-close]");
  const asserts = (event) => (mode === "see" || event.altKey) && !leads(event);

  // Before all other scripts, and before links, buttons and lists do anything.
  for (const name of ["pointerdown", "mousedown", "submit"]) {
    window.addEventListener(name, (event) => { if (asserts(event)) event.preventDefault(); }, true);
  }
  window.addEventListener("click", (event) => { if (asserts(event)) assert(event); else press(event); }, true);
  window.addEventListener("keydown", (event) => {
    if (event.altKey && event.code === "KeyA") { event.preventDefault(); change(); }
    else if (mode === "see" && event.key === "Enter" && event.target.matches?.("[data-assertable]")) assert(event);
  }, true);
  window.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-record-mode]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    change();
  }, true);
})();
