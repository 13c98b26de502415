// Keep the element under the pointer, or the one being pressed, in place while responses change the page around it.
"use strict";

// --- hold responses between pointerdown and pointerup, so that the click hits what was pressed --------------------
let pressed = false;
const held = [];

function letGo() {
  pressed = false;
  for (const show of held.splice(0)) show();
}

document.addEventListener("pointerdown", () => { pressed = true; }, true);
// The click event comes before the timeout.
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(letGo), true);
// There may be no pointerup: an open select swallows it, and it may happen outside of the window.
for (const name of ["keydown", "pointermove"]) {
  document.addEventListener(name, (event) => { if (pressed && !event.buttons) setTimeout(letGo); }, true);
}
document.addEventListener("change", (event) => { if (pressed && event.target.matches("select")) setTimeout(letGo); }, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  const { xhr } = event.detail;
  const arrived = xhr.onload;
  xhr.onload = () => {
    if (!pressed) {
      arrived.call(xhr);
      return;
    }
    begin(arrived);
    held.push(() => { arrived.call(xhr); end(arrived); });
  };
});

// --- scroll by as much as messages above have moved the page ------------------------------------------------------
let pointer = null;
let place = null;

document.addEventListener("pointermove", (event) => { pointer = event.pointerType === "mouse" ? event : null; }, true);
// Keyboard users look at the field with the focus.
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
