// A message that knows the right value offers it as a button.
"use strict";

document.addEventListener("click", (event) => {
  const button = closest(event, "[data-fix]");
  if (!button) return;
  const controls = [...button.closest(".field-wrap").querySelectorAll(".field-control input:not([type=hidden]), .field-control select")];
  const control = controls.find((one) => button.dataset.was && one.value.trim() === button.dataset.was) || controls[0];
  if (!control) return;
  control.value = button.dataset.fix;
  // The button goes with its message; the focus stays with the field.
  control.focus();
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
