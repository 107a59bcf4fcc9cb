/* Buttons say at how many zones something will sound; without this file they say "the chosen zones". */
"use strict";
(() => {
  for (const form of document.querySelectorAll(".way form")) {
    const words = form.querySelector("[data-zones]");
    const boxes = [...form.querySelectorAll("[name=zones]")];
    if (!words || !boxes.length) continue;
    const tell = () => {
      const chosen = boxes.filter((box) => box.checked);
      const where = chosen.length === 1 ? document.querySelector(`label[for="${chosen[0].id}"]`).textContent.trim() : `${chosen.length || boxes.length} cụm loa`;
      words.textContent = `${words.dataset.zones} ${where}`;
    };
    form.addEventListener("change", tell);
    tell();
  }
})();
