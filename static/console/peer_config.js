// Values of the site replace the words for them in the text while they are typed. This tab keeps them.
"use strict";

const keptAs = (field) => `own ${field.name}`;

function fillIn(field) {
  const value = field.validity.valid ? field.value : "";
  for (const place of document.querySelectorAll(`[data-own="${field.name}"]`)) {
    place.textContent = value || field.name;
    place.classList.toggle("filled", value !== "");
  }
}

document.addEventListener("input", (event) => {
  const field = closest(event, "[data-fills]");
  if (!field) return;
  fillIn(field);
  sessionStorage.setItem(keptAs(field), field.value);
});

for (const field of document.querySelectorAll("[data-fills]")) {
  field.value = sessionStorage.getItem(keptAs(field)) || "";
  fillIn(field);
}
