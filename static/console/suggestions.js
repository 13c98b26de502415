// Buttons that put a message's suggested value into the field.
"use strict";

document.addEventListener("click", (event) => {
  const button = closest(event, "[data-fix]");
  if (!button) return;
  const controls = [...button.closest(".field-wrap").querySelectorAll(".field-control input:not([type=hidden]), .field-control select")];
  const { was, fix } = button.dataset;
  // An input may hold a list with commas.
  const parts = (one) => one.value.split(/[,;]/).map((part) => part.trim());
  const control = controls.find((one) => was && parts(one).includes(was)) || controls[0];
  if (!control) return;
  control.value = was && parts(control).includes(was)
    ? parts(control).map((part) => (part === was ? fix : part)).join(", ")
    : fix;
  // The button disappears with its message, so move the focus to the field.
  control.focus();
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
