// Exact values of a chart: by pointing at it, or with a slider for keyboards. The values are those of the table.
"use strict";

function readChart(chart) {
  const slider = chart.querySelector("[data-chart-slider]");
  const readout = document.querySelector("[data-chart-readout]");
  const table = document.querySelector("[data-chart-values]");
  const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = table.tBodies[0].rows;

  function show(step) {
    slider.value = step;
    const values = [...rows[step].cells].map((cell, at) => `${labels[at]}: ${cell.textContent}`);
    readout.replaceChildren(...values.map((value) => Object.assign(document.createElement("span"), { textContent: value })));
    slider.setAttribute("aria-valuetext", values.join(", "));
    for (const cursor of chart.querySelectorAll("[data-chart-cursor]")) cursor.setAttribute("x", step);
  }

  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const kind of ["pointermove", "pointerdown"]) {
    chart.addEventListener(kind, (event) => {
      const plot = closest(event, "[data-chart-plot]");
      if (!plot) return;
      const box = plot.getBoundingClientRect();
      const step = Math.floor(((event.clientX - box.left) / box.width) * rows.length);
      show(Math.min(Math.max(step, 0), rows.length - 1));
    });
  }
  slider.hidden = false;
  readout.hidden = false;
  show(rows.length - 1);
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chart]").forEach(readChart));
