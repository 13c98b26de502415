// Hold responses between pointerdown and pointerup, so that the click hits what was pressed.
"use strict";

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
