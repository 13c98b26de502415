// What somebody points at, or is about to press, stays where it is while answers change the page around it.
"use strict";

// --- no answer changes the page between pressing and letting go: the click would meet something else --------------
let pressed = false;
const held = [];

function letGo() {
  pressed = false;
  for (const show of held.splice(0)) show();
}

document.addEventListener("pointerdown", () => { pressed = true; }, true);
// The click follows from letting go, and comes first.
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(letGo), true);
// A list of choices may keep the end of a press to itself, and so does whatever lies outside of the window.
for (const name of ["keydown", "pointermove"]) {
  document.addEventListener(name, (event) => { if (pressed && !event.buttons) setTimeout(letGo); }, true);
}
document.addEventListener("change", (event) => { if (pressed && event.target.matches("select")) setTimeout(letGo); }, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  const { xhr } = event.detail;
  const arrived = xhr.onload;
  xhr.onload = () => { if (pressed) held.push(() => arrived.call(xhr)); else arrived.call(xhr); };
});

// --- messages come and go above: the page is scrolled by as much --------------------------------------------------
let pointer = null;
let place = null;

document.addEventListener("pointermove", (event) => { pointer = event.pointerType === "mouse" ? event : null; }, true);
// Who types or uses the Tab key looks at the field in use.
document.addEventListener("keydown", () => { pointer = null; }, true);

document.addEventListener("htmx:beforeSwap", () => {
  const at = pointer && document.elementFromPoint(pointer.clientX, pointer.clientY);
  const main = document.querySelector("main form[data-form]");
  const looked = [at, document.activeElement].find((one) => one && main && main !== one && main.contains(one));
  place = looked && { looked, top: looked.getBoundingClientRect().top };
});

function stay() {
  if (!place || !place.looked.isConnected) return;
  const moved = place.looked.getBoundingClientRect().top - place.top;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
}

document.addEventListener("htmx:oobAfterSwap", stay);
document.addEventListener("htmx:afterSettle", () => { stay(); place = null; });
