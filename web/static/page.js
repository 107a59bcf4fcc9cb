/* Everything works without this file; it only makes things quicker. */
"use strict";
(() => {
  const PERIOD_MS = 2000;

  // --- the bar: what is on the air, refreshed every 2 s ---
  const bar = document.querySelector("[data-status]");
  const fill = (status) => {
    for (const node of bar.querySelectorAll("[data-bar]")) {
      const text = status[node.dataset.bar] ?? "";
      if (node.textContent !== text) node.textContent = text;
    }
    for (const node of bar.querySelectorAll("[data-bar-value]")) node.value = status[node.dataset.barValue] ?? 0;
    for (const node of bar.querySelectorAll("[data-bar-hide]")) node.hidden = !status[node.dataset.barHide];
    const now = bar.querySelector("[data-bar-look]");
    if (now) now.dataset.barLook = status.look;
    const faults = bar.querySelector("[data-bar-list]");
    const words = (status.faults || []).join("\n");
    if (faults && faults.dataset.words !== words) {
      faults.dataset.words = words;
      faults.replaceChildren(...(status.faults || []).map((fault) => {
        const line = document.createElement("p");
        line.textContent = "⚠ " + fault;
        return line;
      }));
      faults.hidden = !words;
    }
  };
  let state = null;
  const ask = async () => {
    try {
      const answer = await fetch(bar.dataset.status, { headers: { Accept: "application/json" } });
      if (answer.status === 401) {
        fill({ word: "Đã hết phiên", title: "Hãy đăng nhập lại để tiếp tục", look: "idle", faults: [] });
        return;
      }
      const status = await answer.json();
      fill(status);
      if (state !== null && status.state !== state) document.dispatchEvent(new CustomEvent("on-air-changed"));
      state = status.state;
      setTimeout(ask, PERIOD_MS);
    } catch {
      fill({ word: "Mất liên lạc", title: "Trang không nối được với máy của đài; đang thử lại", look: "lost", faults: [] });
      setTimeout(ask, PERIOD_MS);
    }
  };
  if (bar) ask();

  // --- a part of the page that must stay fresh: fetched again and put in place, unless somebody works in it ---
  const isBusy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body
    || part.querySelector("details[open]");
  const renew = async (part) => {
    if (document.hidden || isBusy(part)) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Part": part.id } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (fresh && !isBusy(part) && fresh.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(fresh));
    } catch { /* the bar already says that the station cannot be reached */ }
  };
  const renewAll = () => document.querySelectorAll("[data-fresh]").forEach(renew);
  document.addEventListener("on-air-changed", renewAll);
  setInterval(() => document.querySelectorAll("[data-fresh]").forEach((part) => {
    const age = Date.now() - Number(part.dataset.renewedAt || 0);
    if (age < Number(part.dataset.fresh) * 1000) return;
    part.dataset.renewedAt = String(Date.now());
    renew(part);
  }), 1000);

  // --- drafts keep themselves in this browser until they are saved ---
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = "ban-nhap:" + form.dataset.draft;
    const offer = form.querySelector("[data-draft-offer]");
    const field = (name) => form.elements[name];
    const typed = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf_token"));
    const untouched = typed();
    const kept = localStorage.getItem(key);
    if (kept && kept !== untouched && offer) {
      offer.hidden = false;
      offer.querySelector("[data-restore]").addEventListener("click", () => {
        for (const [name, value] of JSON.parse(kept)) {
          if (field(name) && "value" in field(name)) field(name).value = value;
        }
        offer.hidden = true;
      });
      offer.querySelector("[data-forget]").addEventListener("click", () => {
        localStorage.removeItem(key);
        offer.hidden = true;
      });
    }
    form.addEventListener("input", () => {
      localStorage.setItem(key, typed());
    });
    form.addEventListener("submit", () => sessionStorage.setItem("vua-gui", key));
  }
  const sent = sessionStorage.getItem("vua-gui");
  if (sent && document.querySelector("[data-saved]")) {
    localStorage.removeItem(sent);
    sessionStorage.removeItem("vua-gui");
  }

  // --- a calendar beside each day field; the field itself is always day/month/year ---
  for (const field of document.querySelectorAll("[data-day]")) {
    const picker = document.createElement("input");
    if (!picker.showPicker) continue;
    Object.assign(picker, { type: "date", tabIndex: -1, className: "day-picker" });
    picker.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-outline-primary day-button" });
    button.innerHTML = document.getElementById("lich-mau").innerHTML;
    button.setAttribute("aria-label", "Chọn ngày trên lịch");
    button.addEventListener("click", () => {
      const [day, month, year] = field.value.split("/");
      if (year) picker.value = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
      picker.showPicker();
    });
    picker.addEventListener("change", () => {
      field.value = picker.value.split("-").reverse().join("/");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const row = document.createElement("div");
    row.className = "day-row";
    field.replaceWith(row);
    row.append(field, button, picker);
  }

  // --- "play from here": jump in the clip to where a sentence begins ---
  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-seek]");
    const sound = jump && document.getElementById(jump.dataset.sound || "ban-thu");
    if (!sound) return;
    sound.currentTime = Number(jump.dataset.seek);
    sound.play();
  });

  // --- one sentence by itself: the link is the sound, or the button's form is; a second press stops it ---
  const voice = new Audio();
  let heard = null;
  const hush = () => {
    voice.pause();
    heard?.classList.remove("is-playing", "is-waiting");
    heard = null;
  };
  const tellOfSound = (words, look, role) => {
    const told = document.createElement("p");
    told.className = `message ${look} hear-trouble`;
    told.setAttribute("role", role);
    told.textContent = words;
    document.body.append(told);
    setTimeout(() => told.remove(), 8000);
  };
  const complain = async (address) => {
    let words = "Chưa nghe được: trang không nối được với máy của đài.";
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      words = answer.ok ? "Trình duyệt không phát được âm thanh này." : (await answer.json()).sentence;
    } catch { /* the words above */ }
    tellOfSound(words, "message-error", "alert");
  };
  const tellWhoSpoke = async (address) => {
    const answer = await fetch(address, { method: "HEAD" }).catch(() => null);
    const words = answer?.headers.get("X-Notice");
    if (words) tellOfSound(decodeURIComponent(words), "message-note", "status");
  };
  const soundOf = (control) => {
    if (control.tagName === "A") return control.href;
    const address = new URL(control.formAction);
    for (const name of control.dataset.hear.split(" ")) {
      const field = control.form.elements[name];
      if (field) address.searchParams.set(name, field.value);
    }
    return address.href;
  };
  voice.addEventListener("ended", hush);
  voice.addEventListener("playing", () => {
    if (heard?.classList.contains("is-waiting")) tellWhoSpoke(voice.src);
    heard?.classList.replace("is-waiting", "is-playing");
  });
  document.addEventListener("click", async (event) => {
    const control = event.target.closest("a[data-hear], button[data-hear]");
    if (!control) return;
    event.preventDefault();
    const again = control === heard;
    hush();
    if (again) return;
    document.querySelectorAll("audio").forEach((other) => other.pause());
    heard = control;
    control.classList.add("is-waiting");
    const address = soundOf(control);
    voice.src = address;
    try {
      await voice.play();
    } catch (error) {
      if (heard !== control || error.name === "AbortError") return;
      hush();
      complain(address);
    }
  });

  // --- importing: drop a file, tell at once when it is too heavy, keep the shape of a pasted page ---
  for (const form of document.querySelectorAll("[data-import]")) {
    const [zone, file, text, page] = ["[data-drop]", "[type=file]", "textarea", "[name=page]"].map((part) => form.querySelector(part));
    const name = document.createElement("span");
    name.className = "file-name";
    const tell = () => { name.textContent = file.files[0]?.name ?? "Chọn tệp trên máy…"; };
    tell();
    file.after(name);
    zone.classList.add("has-script");
    for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
      zone.addEventListener(kind, () => zone.classList.toggle("is-over", over));
    }
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change"));
    });
    file.addEventListener("change", () => {
      tell();
      const heavy = file.files[0]?.size > Number(file.dataset.largest);
      file.setCustomValidity(heavy ? "Tệp nặng hơn 20 MB; hãy bỏ bớt ảnh trong tệp, hoặc chép riêng phần chữ rồi dán vào." : "");
      file.reportValidity();
    });
    let shape = null;
    text.addEventListener("paste", (event) => {
      const html = event.clipboardData?.getData("text/html") || "";
      if (text.value.trim() || !html || html.length > 4e6) return;
      setTimeout(() => { shape = { html, shown: text.value }; });
    });
    form.addEventListener("submit", () => { page.value = shape && shape.shown === text.value ? shape.html : ""; });
  }

  // --- one box open at a time; Escape closes it ---
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest("details[open]") || document.querySelector("details.confirm[open], .person details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const box of document.querySelectorAll("details.confirm[open], .person details[open], .stop-all[open]")) {
      if (!box.contains(event.target)) box.open = false;
    }
  });
  document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    const copied = navigator.clipboard ? navigator.clipboard.writeText(field.value) : Promise.resolve(document.execCommand("copy"));
    copied.then(() => { button.textContent = button.dataset.copied; });
  }));
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
})();
