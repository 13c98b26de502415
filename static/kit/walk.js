// Walks: plays a walk step by step, or waits until a person has done each step. Goes on across pages.
"use strict";

{
  // Milliseconds in which something must be there, and between two looks.
  const PATIENCE = 10000;
  const LOOK = 200;
  const CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const root = () => document.getElementById("kit-walk");
  const stage = () => document.getElementById("kit-stage");
  const dialogOpen = () => document.querySelector("#dialog[open]");
  const part = (name) => stage().querySelector(`[data-testid=walk-${name}]`);
  const text = (name) => root().dataset[name];
  const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
  const motion = (milliseconds) => wait(reduced.matches ? 0 : milliseconds);
  const never = () => new Promise(() => {});

  let walk = null;
  // The move that is read: the present one, unless somebody reads an earlier step.
  let shown = 0;
  let isDoing = false;
  let playsAll = false;
  let missing = 0;
  // Whether a person has chosen a control since the last step, which gets the keys then.
  let isChosen = false;
  // Why the walk cannot go on.
  let failure = "";
  let drawn = "";

  const now = () => walk.moves[walk.at];
  const isPlay = () => walk.mode === "play";

  // --- what the server knows ------------------------------------------------------------------------------------
  async function post(what, values = {}) {
    const answer = await fetch(text("to").replace("done", what), {
      method: "POST", keepalive: true, redirect: "manual", headers: { "X-CSRFToken": text("csrf") },
      body: new URLSearchParams({ run: walk.run, at: walk.at, ...values }),
    });
    if (answer.status === 404) end();
    return answer;
  }

  // The page may be left before the server knows: the next one looks here, too.
  async function reach(at) {
    walk.at = shown = at;
    missing = 0;
    failure = "";
    sessionStorage.setItem("kit-walk", JSON.stringify([walk.run, at]));
    const answer = await post("done");
    if (answer.ok) sessionStorage.removeItem("kit-walk");
  }

  // --- finding things -------------------------------------------------------------------------------------------
  const isVisible = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]");
  const byTestid = (testid, scope = document) => {
    const all = [...scope.querySelectorAll(`[data-testid="${CSS.escape(testid)}"]`)].filter((one) => !one.closest("#kit-panel, #kit-stage"));
    return all.find((one) => one.closest("#dialog[open]")) || all.find(isVisible) || all[0];
  };
  const rowOf = (name) => [...document.querySelectorAll("main tr[data-name]")].find((one) => one.dataset.name === name);
  const tunnelOf = (number) => document.querySelector(`main [data-tunnel="${number}"]`);

  function targetOf({ testid, row, tunnel, part: name }) {
    if (testid) return byTestid(testid);
    const whole = row ? rowOf(row) : tunnelOf(tunnel);
    if (!whole) return undefined;
    const stem = whole.dataset.testid.replace(/-row$/, "");
    // Actions that few need are in the row's menu, which is asked for.
    return name ? byTestid(`${stem}-${name}`) || byTestid(`${stem}-more`) : byTestid(stem);
  }

  function fieldOf(name, value) {
    const scope = dialogOpen()?.querySelector("[data-testid=dialog-ok]") ? dialogOpen() : document.querySelector("main");
    if (name === "tags" || Array.isArray(value)) return byTestid(`field-${name}-add`, scope)?.closest(".rows");
    return byTestid(`field-${name}`, scope) || byTestid(`field-${name}-${value}`, scope) || byTestid(name);
  }

  function placeOf(see) {
    if (see.row) return rowOf(see.row);
    if (see.tunnel) return see.part ? targetOf(see) : tunnelOf(see.tunnel);
    if (see.testid) return byTestid(see.testid);
    if (see.said) return document.querySelector(`[data-testid^="message-"][data-operation="${CSS.escape(see.said)}"]`);
    if (see.refused) return document.querySelector(`:is(#dialog-body, main) .summary[data-code="${CSS.escape(see.refused)}"]`);
    if (see.errors) return byTestid(`notes-${Object.keys(see.errors)[0]}`);
    return document.querySelector(`main [data-${see.state ? "state" : "status"}]:not(tr *, tr)`);
  }

  const linkTo = (url) => [...document.querySelectorAll(".side a[href]")].find((one) => one.pathname === new URL(url, location.href).pathname);

  function elementOf(move) {
    if (move.do === "click") return targetOf(move.target);
    if (move.do === "set") return fieldOf(move.field, move.value);
    if (move.do === "see") return placeOf(move.see);
    return move.do === "go" ? linkTo(move.url) : undefined;
  }

  // What has to be opened first: the outermost of folds, menus and drawers around an element.
  function wayTo(element) {
    let way;
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const summary = one.matches("details:not([open])") && one.querySelector(":scope > summary");
      if (summary && !summary.contains(element)) way = summary;
      if (one.matches("[popover]:not(:popover-open)")) way = document.querySelector(`[popovertarget="${one.id}"]`) || way;
    }
    return way;
  }

  // The element of a move, and what must be pressed before it can be used.
  function located(move) {
    const element = elementOf(move);
    if (!element) return {};
    const { row, part: name } = move.target || {};
    if (name && row && element.dataset.testid.endsWith("-more") && !name.endsWith("more")) return { way: element };
    return isVisible(element) ? { element } : { way: wayTo(element) };
  }

  // --- looking --------------------------------------------------------------------------------------------------
  const codes = (scope, see, names) => names.every((name) => !(name in see) || scope.matches(`[data-${name}="${CSS.escape(see[name])}"]`) || [...scope.querySelectorAll(`[data-${name}]`)].some((one) => one.dataset[name] === see[name]));

  function isSeen(see) {
    const place = placeOf(see);
    if (see.gone) return !place;
    if (see.state || see.status) {
      if (!see.row && !see.tunnel) {
        return ["state", "status"].every((name) => !see[name] || [...document.querySelectorAll(`main [data-${name}]:not(tr *, tr)`)].some((one) => one.dataset[name] === see[name] && isVisible(one)));
      }
    }
    if (!place || !isVisible(place)) return false;
    if (see.row || see.tunnel) return codes(place, see, ["state", "status", "code", "bgp", "health"]);
    if (see.errors) return Object.entries(see.errors).every(([name, code]) => byTestid(`notes-${name}`)?.querySelector(`.invalid-feedback[data-code="${CSS.escape(code)}"]`));
    if (see.text) return (place.matches("input, select, textarea") ? place.value : place.textContent.replace(/\s+/g, " ")).includes(see.text);
    return true;
  }

  const fits = (option, value) => option && [option.value, option.dataset.name, option.text.trim()].includes(String(value));
  const rowsIn = (rows) => [...rows.querySelectorAll(":scope > [data-row]")].map((row) => [...row.querySelectorAll("input:not([type=hidden]), select")].map((one) => one.value));

  function isSet({ field, value }) {
    const control = fieldOf(field, value);
    if (!control || !isVisible(control)) return false;
    if (field === "tags") return JSON.stringify(rowsIn(control)) === JSON.stringify(Object.entries(value));
    if (Array.isArray(value)) return JSON.stringify(rowsIn(control)) === JSON.stringify(value.map((one) => [one]));
    if (control.matches("[type=checkbox]")) return control.checked === value;
    if (control.matches("[type=radio]")) return control.checked;
    if (control.matches("select")) return fits(control.selectedOptions[0], value);
    if (value?.document) return control.matches("[type=file]") ? control.files.length > 0 : control.value === value.document;
    return value?.generated ? control.value.length >= value.generated : control.value === String(value);
  }

  // Whether a person has done a move. What is typed counts when its field is left.
  function isDone(move) {
    if (move.do === "go") return location.pathname === new URL(move.url, location.href).pathname;
    if (move.do === "see") return isSeen(move.see);
    return move.do === "set" && isSet(move) && !elementOf(move).contains(document.activeElement.closest("input:not([type=checkbox], [type=radio])"));
  }

  // --- doing ----------------------------------------------------------------------------------------------------
  async function settled() {
    await wait(80);
    while (!("idle" in document.documentElement.dataset)) await wait(30);
  }

  // Whether the page stays: links and forms without scripts lead to another one.
  async function press(element) {
    element.focus({ preventScroll: true });
    const goesOn = element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
    const link = element.closest("a[href]");
    if (link && goesOn && !link.getAttribute("href").startsWith("#")) await never();
    await settled();
  }

  async function prepared(move) {
    for (const began = Date.now(); Date.now() - began < PATIENCE;) {
      const { element, way } = located(move);
      if (element) return element;
      if (way && isVisible(way)) {
        await pointAt(way);
        await press(way);
      } else await wait(100);
    }
    throw new Error(text("missing"));
  }

  async function pointAt(element) {
    if (!isInView(element)) {
      reveal(element);
      await motion(350);
    }
    put(element);
    await motion(550);
  }

  const tell = (control, ...names) => names.forEach((name) => control.dispatchEvent(new Event(name, { bubbles: true })));

  async function type(control, value) {
    control.focus({ preventScroll: true });
    for (let length = reduced.matches ? value.length : 1; length <= value.length; length += 1) {
      control.value = value.slice(0, length);
      tell(control, "input");
      await motion(35);
    }
    if (!value) {
      control.value = "";
      tell(control, "input");
    }
    tell(control, "change");
    control.blur();
    await settled();
  }

  async function choose(control, value, field) {
    const found = () => [...control.options].find((option) => fits(option, value));
    if (!found() && byTestid(`search-${field}`)) await type(byTestid(`search-${field}`), String(value));
    if (!found()) throw new Error(text("missing"));
    control.value = found().value;
    tell(control, "input", "change");
    await settled();
  }

  async function fillRows(rows, field, value) {
    const pairs = field === "tags" ? Object.entries(value) : value.map((one) => [one]);
    const items = () => rows.querySelectorAll(":scope > [data-row]");
    while (items().length < pairs.length) await press(rows.querySelector("[data-row-add]"));
    while (items().length > Math.max(pairs.length, 1)) await press([...items()].at(-1).querySelector("[data-row-remove]"));
    for (const [number, pair] of pairs.entries()) {
      const names = field === "tags" ? ["tag_key", "tag_value"] : [field];
      for (const [position, name] of names.entries()) {
        const control = byTestid(`field-${name}-${number + 1}`);
        if (control.matches("select")) await choose(control, pair[position], field);
        else await type(control, pair[position]);
      }
    }
  }

  // A document: as a file, or pasted.
  async function paste(control, document) {
    if (control.matches("[type=file]")) {
      const chosen = new DataTransfer();
      chosen.items.add(new File([document], "document.yaml", { type: "text/yaml" }));
      control.files = chosen.files;
    } else control.value = document;
    tell(control, "input", "change");
    control.blur();
    await settled();
  }

  async function fill(control, { field, value }) {
    if (control.matches(".rows")) await fillRows(control, field, value);
    else if (control.matches("[type=checkbox]")) { if (control.checked !== value) await press(control); }
    else if (control.matches("[type=radio]")) await press(control);
    else if (control.matches("select")) await choose(control, value, field);
    else if (field !== "tags" && value?.document) await paste(control, value.document);
    else if (value?.generated) await type(control, Array.from(crypto.getRandomValues(new Uint8Array(value.generated)), (one) => CHARACTERS[one % CHARACTERS.length]).join(""));
    else await type(control, String(value));
  }

  async function serve() {
    const answer = await post("serve");
    const { at, to, error } = await answer.json();
    if (error) throw new Error(error);
    walk.at = shown = at;
    failure = "";
    if (to) {
      leaving = true;
      location.assign(to);
      await never();
    }
    document.dispatchEvent(new Event("vpnc:moved"));
    await settled();
  }

  async function doMove(move) {
    const next = walk.at + 1;
    if (move.do === "as" || move.do === "kit") await serve();
    else if (move.do === "go") {
      const link = linkTo(move.url);
      if (link && isVisible(link) && isPlay()) await pointAt(link);
      await reach(next);
      location.assign(move.url);
      await never();
    } else if (move.do === "see") {
      for (const began = Date.now(); !isSeen(move.see); await wait(100)) if (Date.now() - began > PATIENCE) throw new Error(text("missing"));
      await reach(next);
    } else if (move.do === "say") await reach(next);
    else {
      const element = await prepared(move);
      await pointAt(element);
      if (move.do === "set") {
        await fill(element, move);
        await reach(next);
      } else {
        await reach(next);
        await press(element);
      }
    }
  }

  // Do the present step.
  async function doStep() {
    if (isDoing || !now()) return;
    const { step } = now();
    isDoing = true;
    isChosen = false;
    failure = "";
    try {
      while (now()?.step === step) await doMove(now());
    } catch (error) {
      if (!walk) return;
      failure = error.message;
      setPlayingAll(false);
    } finally {
      isDoing = false;
    }
    // Keys go to the walk again, until somebody chooses a control.
    if (isPlay() && !stage().contains(document.activeElement)) document.activeElement.blur();
    draw();
  }

  function setPlayingAll(does) {
    playsAll = does;
    if (does) sessionStorage.setItem("kit-plays", walk.run);
    else sessionStorage.removeItem("kit-plays");
  }

  const readingTime = (say) => 700 + (say || "").length * (document.documentElement.lang.startsWith("zh") ? 160 : 45);

  async function playAll() {
    while (walk && playsAll && now()) {
      draw();
      await wait(readingTime(now().say));
      if (walk && playsAll) await doStep();
    }
    if (walk) {
      setPlayingAll(false);
      draw();
    }
  }

  // --- drawing --------------------------------------------------------------------------------------------------
  const sayOf = (move) => walk.moves.find((one) => one.step === move.step && one.say)?.say || "";

  function hintOf(move) {
    if (move.do === "set") {
      if (typeof move.value === "boolean") return text(move.value ? "on" : "off");
      if (move.field !== "tags" && move.value?.document) return text("document");
      if (move.value?.generated) return text("generated").replace("#", move.value.generated);
      const value = move.field === "tags" ? Object.entries(move.value).map((pair) => pair.join(": ")).join(", ") : [move.value].flat().join(", ");
      return text("set").replace("#", value);
    }
    if (located(move).way && move.do === "click") return text("open");
    return { click: text("click"), go: text("go"), see: text("see") }[move.do] || "";
  }

  // Whether all of an element can be seen: it is not scrolled away, nor under a bar. Then the page need not move.
  function isInView(element) {
    const { left, top, bottom, width } = element.getBoundingClientRect();
    const shownAt = (y) => document.elementsFromPoint(left + width / 2, y).find((one) => !stage().contains(one));
    return [top + 2, bottom - 2].every((y) => element.contains(shownAt(y)));
  }

  const boxesIn = (scope) => [...scope.querySelectorAll(CONTROLS)].filter((one) => !stage().contains(one) && isVisible(one)).map((one) => one.getBoundingClientRect());

  // Scroll an element into the middle, or a little less far, so that the bar at the top cuts no control.
  function reveal(element) {
    const before = scrollY;
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const bar = document.querySelector(".topbar")?.getBoundingClientRect().bottom ?? 0;
    for (let tries = 0; tries < 5; tries += 1) {
      const cut = boxesIn(document.querySelector("main")).filter(({ top, bottom }) => top < bar && bottom > bar);
      scrollBy({ top: Math.min(0, ...cut.map(({ top }) => top - bar)), behavior: "instant" });
    }
    const after = scrollY;
    scrollTo({ top: before, behavior: "instant" });
    scrollTo({ top: after, behavior: reduced.matches ? "instant" : "smooth" });
  }

  // An open dialog or drawer makes everything else inert.
  function raise(element) {
    const host = dialogOpen() || element?.closest("[data-modal]:popover-open") || document.querySelector("[data-modal]:popover-open") || document.body;
    if (stage().parentElement !== host) host.append(stage());
    if (!stage().matches(":popover-open")) stage().showPopover();
  }

  // Put ring, pointer and bubble where an element is; without one, the bubble into a corner.
  function put(element) {
    raise(element);
    const [ring, pointer, bubble] = [stage().querySelector(".kit-ring"), stage().querySelector(".kit-pointer"), part("bubble")];
    const box = element?.getBoundingClientRect();
    const isThere = box && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    ring.hidden = !isThere;
    pointer.hidden = !isThere || !isPlay();
    if (isThere) {
      Object.assign(ring.style, { left: `${box.left - 4}px`, top: `${box.top - 4}px`, width: `${box.width + 8}px`, height: `${box.height + 8}px` });
      Object.assign(pointer.style, { left: `${box.left + Math.min(box.width / 2, 120)}px`, top: `${box.top + Math.min(box.height / 2, 40)}px` });
    }
    const { offsetWidth: width, offsetHeight: height } = bubble;
    const controls = boxesIn(dialogOpen() || document);
    // The bubble hides a control or leaves it alone, if it can.
    const cuts = ([left, top]) => controls.filter((one) => one.left < left + width && one.right > left && one.top < top + height && one.bottom > top
      && (one.left < left || one.right > left + width || one.top < top || one.bottom > top + height)).length;
    const spots = spotsOf(isThere && box, width, height);
    const least = Math.min(...spots.map(cuts));
    const [left, top] = spots.find((one) => cuts(one) === least);
    Object.assign(bubble.style, { left: `${left}px`, top: `${top}px` });
  }

  // Where the bubble fits, best first: below an element, above it, beside it, or at the other end of the window.
  function spotsOf(box, width, height) {
    const [right, bottom] = [document.documentElement.clientWidth - width - 12, innerHeight - height - 8];
    const away = [0, 8, 16, 24, 32];
    if (!box) return away.map((by) => [Math.max(12, (right + 12) / 2), Math.max(8, bottom - 16 - by)]);
    const left = Math.max(12, Math.min(box.left, right));
    const level = Math.max(8, Math.min(box.top, bottom));
    const isLow = box.top + box.height / 2 > innerHeight / 2;
    const near = [
      ...away.map((by) => [left, box.bottom + 12 + by]),
      ...away.map((by) => [left, box.top - height - 12 - by]),
      [box.right + 12, level], [box.left - width - 12, level],
    ].filter(([x, y]) => x >= 12 && x <= right && y >= 8 && y <= bottom);
    return near.length ? near : away.map((by) => [left, isLow ? 8 + by : Math.max(8, bottom - by)]);
  }

  function shownPlace() {
    const move = walk.moves[shown];
    if (!move || shown !== walk.at) return undefined;
    const { element, way } = located(move);
    return element || way;
  }

  function draw() {
    if (!walk) return;
    raise();
    const move = walk.moves[shown];
    const isPresent = shown === walk.at;
    const say_ = move ? sayOf(move) : text("end");
    const hint = failure || (move && isPresent && !isPlay() ? hintOf(move) : "");
    const step = move?.step || walk.steps;
    const where = text("step").replace("{n}", step).replace("{all}", walk.steps);
    stage().querySelector("[data-where]").textContent = where;
    stage().querySelector("[data-say]").textContent = say_;
    stage().querySelector("[data-hint]").textContent = hint;
    part("back").hidden = isPlay() || step === 1;
    part("forth").hidden = isPlay() || isPresent;
    part("all").hidden = !isPlay() || !move;
    part("all").textContent = text(playsAll ? "halt" : "all");
    part("next").hidden = !move || !isPresent || playsAll || (!isPlay() && move.do === "see");
    part("next").textContent = text(isPlay() || ["say", "as", "kit"].includes(move?.do) ? "next" : "do");
    part("over").hidden = !failure && Boolean(move);
    const place = shownPlace();
    const what = `${walk.run} ${shown} ${walk.at} ${failure} ${say_} ${hint}`;
    if (what !== drawn) {
      drawn = what;
      say([where, say_, hint].filter(Boolean).join(" "));
      if (place && !isInView(place)) reveal(place);
      if (!isPlay() && isPresent) focusOn(place);
    }
    put(place);
  }

  // A tour leads the focus to the control that is next.
  function focusOn(place) {
    const control = place?.matches("a, button, input, select, textarea, summary") ? place : place?.querySelector("input:not([type=hidden]), select, textarea");
    control?.focus({ preventScroll: true });
  }

  function read(by) {
    const steps = [...new Set(walk.moves.slice(0, walk.at + 1).map((move) => move.step))];
    const at = steps.indexOf(walk.moves[shown]?.step ?? steps.at(-1)) + by;
    if (at < 0 || at >= steps.length) return;
    shown = at === steps.length - 1 ? walk.at : walk.moves.findIndex((move) => move.step === steps[at]);
    draw();
  }

  function end() {
    if (stage()?.matches(":popover-open")) stage().hidePopover();
    sessionStorage.removeItem("kit-plays");
    walk = null;
  }

  function leave() {
    const isOver = !now();
    setPlayingAll(false);
    post(isOver ? "stop" : "pause");
    const resume = document.querySelector(".kit-resume");
    if (resume && !isOver) resume.hidden = false;
    if (stage().contains(document.activeElement)) (resume?.querySelector("button") || document.getElementById("main")).focus();
    end();
  }

  // --- events ---------------------------------------------------------------------------------------------------
  async function look() {
    if (!walk || isDoing || document.hidden) return;
    const move = now();
    const isIdle = "idle" in document.documentElement.dataset;
    if (move && isIdle) {
      const goesOnByItself = isPlay() ? move.do === "see" && !move.say && !playsAll : !["say", "click", "as", "kit"].includes(move.do) || (["as", "kit"].includes(move.do) && !sayOf(move));
      if (goesOnByItself) {
        if (move.do === "as" || move.do === "kit") await doStep();
        else if (isDone(move)) {
          await reach(walk.at + 1);
          draw();
          return;
        }
      }
      if (["see", "set", "click"].includes(move.do)) {
        const isThere = move.do === "see" ? isDone(move) : shownPlace();
        missing = isThere ? 0 : missing + LOOK;
        if (missing >= PATIENCE) failure = text("missing");
        else if (isThere && missing === 0 && failure === text("missing")) failure = "";
      }
    }
    if (walk) draw();
  }

  document.addEventListener("click", (event) => {
    if (!walk) return;
    const pressed = closest(event, "#kit-stage button")?.dataset.testid;
    if (pressed === "walk-leave") leave();
    else if (pressed === "walk-next") doStep();
    else if (pressed === "walk-back") read(-1);
    else if (pressed === "walk-forth") read(1);
    else if (pressed === "walk-all") {
      setPlayingAll(!playsAll);
      if (playsAll) playAll();
      else draw();
    }
  });
  // In a tour, a person presses what is marked. In the capture phase: the page may be left at once.
  document.addEventListener("click", (event) => {
    const move = walk && !isDoing && now();
    if (!move || isPlay() || move.do !== "click" || !(event.target instanceof Element)) return;
    const { element } = located(move);
    if (element?.contains(event.target)) reach(walk.at + 1).then(() => draw());
  }, true);

  document.addEventListener("pointerdown", (event) => { isChosen = !closest(event, "#kit-stage"); }, true);
  const ownsKeys = (element) => element.matches("input, textarea, select, [contenteditable], [role=tab], [role=option]");
  document.addEventListener("keydown", (event) => {
    if (!walk || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const active = document.activeElement;
    if (event.key === "Tab") isChosen = true;
    if (event.key === "Escape") {
      const other = [...document.querySelectorAll("dialog[open], :popover-open, [data-menu][open]")].some((one) => one !== stage());
      if (!other && !closest(event, "#kit-panel")) leave();
    } else if (isPlay()) {
      // While a step is done, its control has the focus, and an impatient key must not change it.
      const isFree = isDoing || !isChosen || active === document.body || active.matches("main, dialog, #kit-stage *");
      if ((event.key === "ArrowRight" && isFree) || (event.key === " " && isFree && (isDoing || !active.matches("#kit-stage button")))) {
        event.preventDefault();
        if (playsAll) setPlayingAll(false);
        else doStep();
      }
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !ownsKeys(active) && !closest(event, "#kit-panel")) {
      event.preventDefault();
      read(event.key === "ArrowRight" ? 1 : -1);
    }
  });
  for (const name of ["scroll", "resize"]) window.addEventListener(name, () => { if (walk && !isDoing) put(shownPlace()); }, { capture: true, passive: true });
  // A closed dialog takes with it what is in it.
  document.addEventListener("close", ({ target }) => {
    if (!walk || !target.contains(stage())) return;
    document.body.append(stage());
    if (!isDoing) draw();
  }, true);
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => { if (target === document.body) load(); });

  function load() {
    if (!root()) {
      walk = null;
      return;
    }
    walk = JSON.parse(text("walk"));
    const [run, at] = JSON.parse(sessionStorage.getItem("kit-walk") || "[]");
    if (run === walk.run && at > walk.at) reach(at);
    shown = walk.at;
    drawn = "";
    isDoing = false;
    if (isPlay()) document.activeElement.blur();
    draw();
    if (sessionStorage.getItem("kit-plays") === walk.run) {
      setPlayingAll(true);
      playAll();
    }
  }
  document.addEventListener("DOMContentLoaded", load);
  setInterval(look, LOOK);
}
