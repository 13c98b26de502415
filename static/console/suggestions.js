// Buttons that put a message's suggested value into the field.
"use strict";

document.addEventListener("click", (event) => {
  const button = closest(event, "[data-fix]");
  if (!button) return;
  const controls = [...button.closest(".field-wrap").querySelectorAll(".field-control input:not([type=hidden]), .field-control select")];
  const control = controls.find((one) => button.dataset.was && one.value.trim() === button.dataset.was) || controls[0];
  if (!control) return;
  control.value = button.dataset.fix;
  // The button disappears with its message, so move the focus to the field.
  control.focus();
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
