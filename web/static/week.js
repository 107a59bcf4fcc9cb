/* Moving in the week by mouse and by keys. Without this file "Chuyển" opens the form that does the same. */
"use strict";
(() => {
  const grid = document.getElementById("luoi");
  const form = document.getElementById("doi-cho");
  const told = document.getElementById("tin-keo");
  if (!grid || !form) return;

  const targets = () => [...grid.querySelectorAll("[data-drop]")].filter((place) => place.offsetParent !== null);
  let held = null;
  let target = null;

  const mark = (place) => {
    target?.classList.remove("is-target");
    target = place;
    target?.classList.add("is-target");
  };
  const lift = (item) => {
    held = item;
    held.classList.add("is-held");
  };
  const letGo = () => {
    held?.classList.remove("is-held");
    held = null;
    mark(null);
  };
  const put = () => {
    const address = held.querySelector(".to-move").getAttribute("href");
    if (!target.dataset.into && !target.dataset.at) {
      location.href = `${address}?ngay=${target.dataset.iso}`;
      return;
    }
    form.elements.into.value = target.dataset.into || "";
    form.elements.on.value = target.dataset.on || "";
    form.elements.at.value = target.dataset.at || "";
    form.action = address;
    form.submit();
  };

  // --- by mouse ---
  for (const item of grid.querySelectorAll("[data-airing]")) {
    item.draggable = true;
    for (const link of item.querySelectorAll("a")) link.draggable = false;
  }
  grid.addEventListener("dragstart", (event) => {
    const item = event.target.closest("[data-airing]");
    if (!item) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.dataset.title);
    lift(item);
  });
  grid.addEventListener("dragover", (event) => {
    const place = held && event.target.closest("[data-drop]");
    if (!place) return;
    event.preventDefault();
    if (place !== target) mark(place);
  });
  grid.addEventListener("drop", (event) => {
    if (!held || !target || target.contains(held) && target.dataset.into) return;
    event.preventDefault();
    put();
  });
  grid.addEventListener("dragend", letGo);

  // --- by keys: space lifts and puts down, arrows choose where, Escape leaves it ---
  const middle = (place) => {
    const box = place.getBoundingClientRect();
    return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  };
  const dayOf = (place) => place.closest(".wk-day");
  const beside = (place, step) => {
    const days = [...grid.querySelectorAll(".wk-day")];
    const day = days[days.indexOf(dayOf(place)) + step];
    const there = day ? targets().filter((other) => dayOf(other) === day) : [];
    const kind = there.filter((other) => Boolean(other.dataset.into) === Boolean(place.dataset.into));
    const [, y] = middle(place);
    const far = (other) => Math.abs(middle(other)[1] - y);
    return (kind.length ? kind : there).sort((a, b) => far(a) - far(b))[0];
  };
  const along = (place, step) => {
    const there = targets().filter((other) => dayOf(other) === dayOf(place));
    return there[there.indexOf(place) + step];
  };
  const steps = {
    ArrowLeft: (place) => beside(place, -1),
    ArrowRight: (place) => beside(place, 1),
    ArrowUp: (place) => along(place, -1),
    ArrowDown: (place) => along(place, 1),
  };
  grid.addEventListener("keydown", (event) => {
    const handle = event.target.closest(".to-move");
    if (!held && handle && event.key === " ") {
      event.preventDefault();
      lift(handle.closest("[data-airing]"));
      mark(handle.closest("[data-drop]"));
      told.textContent = `Đã nhấc “${held.dataset.title}”. Bấm mũi tên để chọn chỗ, phím cách để đặt xuống, Escape để thôi.`;
      return;
    }
    if (!held) return;
    if (event.key === "Escape") {
      told.textContent = "Đã thôi, không chuyển gì.";
      letGo();
      return;
    }
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      put();
      return;
    }
    const next = steps[event.key] && target && steps[event.key](target);
    if (!steps[event.key]) return;
    event.preventDefault();
    if (!next) return;
    mark(next);
    next.scrollIntoView({ block: "nearest" });
    told.textContent = next.dataset.says;
  });
  grid.addEventListener("focusout", (event) => {
    if (held && event.target.closest(".to-move") && !grid.contains(event.relatedTarget)) letGo();
  });
})();
