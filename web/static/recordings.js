/* Recordings: files go up in parts, the microphone, choosing on the picture what is kept. Loaded on those pages only. */
"use strict";
(() => {
  const clock = (seconds, tenths = false) => {
    const all = Math.max(0, Math.round(seconds * 10));
    const text = `${Math.floor(all / 600)}:${String(Math.floor(all / 10) % 60).padStart(2, "0")}`;
    return tenths ? `${text},${all % 10}` : text;
  };

  // --- where a sound comes from ---
  const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
  const WORDS = {
    400: "Trang mở đã lâu nên chưa gửi được; hãy tải lại trang rồi chọn lại tệp.",
    401: "Đã hết phiên; hãy đăng nhập lại ở một thẻ khác rồi bấm “Gửi tiếp”.",
  };
  for (const box of document.querySelectorAll("[data-sound-source]")) {
    const form = box.closest("form");
    const part = (name) => box.querySelector(`[data-${name}]`);
    const file = box.querySelector("[type=file]");
    const field = (name) => form.elements[name];
    const largest = Number(box.dataset.largestMb) * 1e6;
    const show = (node, is) => { node.hidden = !is; };
    let sending = null;
    let unsent = false;

    const tell = (words, mayGoOn) => {
      part("trouble-words").textContent = words;
      show(part("again"), mayGoOn);
      show(part("trouble"), Boolean(words));
    };

    const put = (address, body, on) => new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", field("csrf_token").value);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", (event) => on(event.loaded));
      request.addEventListener("load", () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* not ours: told below */ }
        if (request.status === 200) done(answer.size);
        else failed({ words: answer.sentence || WORDS[request.status] || "", status: request.status });
      });
      request.addEventListener("error", () => failed({ words: "", status: 0 }));
      request.addEventListener("abort", () => failed({ words: "", status: -1 }));
      sending.request = request;
      request.send(body);
    });

    const progress = (job, loaded) => {
      const percent = Math.min(100, Math.round(100 * loaded / job.blob.size));
      part("sending").querySelector("progress").value = percent;
      part("sending-words").textContent = `Đang gửi “${job.name}”: ${percent} phần trăm…`;
    };

    const send = async (job) => {
      sending = job;
      tell("", false);
      show(part("sending"), true);
      show(part("received"), false);
      progress(job, job.sent);
      let tries = 0;
      while (sending === job && job.sent < job.blob.size) {
        const from = job.sent;
        const address = `${box.dataset.part}?ma=${job.code}&tu=${from}`;
        try {
          job.sent = await put(address, job.blob.slice(from, from + Number(box.dataset.partBytes)), (loaded) => progress(job, from + loaded));
          if (job.sent > from) tries = 0;
        } catch (trouble) {
          if (trouble.status < 0 || sending !== job) return false;
          const lasts = trouble.status >= 400 && trouble.status < 500;
          if (lasts || tries >= PAUSES_MS.length) {
            show(part("sending"), false);
            tell(trouble.words || "Đường truyền bị ngắt giữa chừng; phần đã gửi vẫn còn.", !lasts || trouble.status === 401);
            return false;
          }
          part("sending-words").textContent = `Đang gửi “${job.name}”: đường truyền bị ngắt, đang thử lại…`;
          await new Promise((wake) => setTimeout(wake, PAUSES_MS[tries]));
          tries += 1;
        }
      }
      if (sending !== job) return false;
      finish(job);
      return true;
    };

    const finish = (job) => {
      sending = null;
      unsent = false;
      file.value = "";
      Object.assign(field("upload"), { value: job.code });
      field("file_name").value = job.name;
      field("origin").value = job.origin;
      part("received-name").textContent = job.name;
      show(part("sending"), false);
      show(part("received"), true);
      const title = field("title");
      if (title && !title.value.trim() && job.origin === "upload") title.value = job.name.replace(/\.[^.]+$/, "").replace(/[_]+/g, " ").slice(0, 200);
      if (form.dataset.wanted) form.requestSubmit();
    };

    let number = 0;
    const begin = (blob, name, origin) => {
      if (sending?.request) { const old = sending; sending = null; old.request.abort(); }
      if (blob.size > largest) {
        tell(`Tệp nặng hơn ${box.dataset.largestMb} MB; hãy gửi riêng phần tiếng (MP3, M4A) hoặc chia nhỏ tệp.`, false);
        file.value = "";
        return;
      }
      // Each file gets a code of its own: the page's, with its last digits counted up.
      number += 1;
      const code = box.dataset.code.slice(0, 28) + number.toString(16).padStart(4, "0");
      last = { blob, name, origin, code, sent: 0 };
      send(last);
    };
    let last = null;

    file.addEventListener("change", () => { if (file.files[0]) begin(file.files[0], file.files[0].name, "upload"); });
    part("again").addEventListener("click", () => { if (last) send(last); });
    part("cancel").addEventListener("click", () => {
      const job = sending;
      sending = null;
      job?.request?.abort();
      show(part("sending"), false);
      file.value = "";
      delete form.dataset.wanted;
    });
    form.addEventListener("submit", (event) => {
      if (!sending) return;
      event.preventDefault();
      form.dataset.wanted = "1";
    });
    window.addEventListener("beforeunload", (event) => { if (unsent || sending) event.preventDefault(); });
    form.addEventListener("submit", () => { if (!sending) unsent = false; });

    const zone = part("drop");
    const name = document.createElement("span");
    name.className = "file-name";
    name.textContent = "Chọn tệp trên máy…";
    file.after(name);
    zone.classList.add("has-script");
    for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) zone.addEventListener(kind, () => zone.classList.toggle("is-over", over));
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) begin(event.dataTransfer.files[0], event.dataTransfer.files[0].name, "upload");
    });

    // --- the microphone ---
    const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
    const kind = window.MediaRecorder && KINDS.find((each) => MediaRecorder.isTypeSupported(each));
    const excuse = (words) => { part("no-microphone").textContent = words; show(part("no-microphone"), Boolean(words)); };
    if (!window.isSecureContext || !navigator.mediaDevices) show(part("not-secure"), true);
    else if (!kind) excuse("Trình duyệt này không thu được âm thanh; hãy dùng Chrome hoặc Firefox mới, hoặc thu bằng điện thoại.");
    else show(part("recording"), true);

    let recorder = null;
    let pieces = [];
    let take = null;
    let timer = null;
    let ear = null;
    const player = part("take").querySelector("audio");

    const listen = (stream) => {
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 2048;
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const meter = box.querySelector("meter");
      let shown = 0;
      let quietSince = performance.now();
      let loudUntil = 0;
      const look = () => {
        analyser.getFloatTimeDomainData(samples);
        const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
        const level = Math.max(0, 60 + 20 * Math.log10(Math.max(peak, 1e-6)));
        shown = Math.max(level, shown - 2.5);
        meter.value = shown;
        const now = performance.now();
        if (level > 12) quietSince = now;
        if (level > 58.5) loudUntil = now + 2000;
        const words = now < loudUntil ? "To quá, hãy lùi xa micrô." : now - quietSince > 3000 ? "Chưa thấy tiếng: kiểm tra micrô." : "";
        if (part("level-words").textContent !== words) part("level-words").textContent = words;
      };
      const beat = setInterval(look, 100);
      return () => { clearInterval(beat); context.close(); meter.value = 0; };
    };

    const refused = (error) => {
      const words = {
        NotAllowedError: "Trình duyệt chưa được phép dùng micrô; hãy bấm biểu tượng ổ khóa cạnh địa chỉ trang, cho phép micrô rồi thử lại.",
        NotFoundError: "Không thấy micrô nào; hãy cắm micrô rồi thử lại.",
        NotReadableError: "Micrô đang bị chương trình khác dùng; hãy tắt chương trình đó rồi thử lại.",
      };
      excuse(words[error.name] || "Không mở được micrô; hãy kiểm tra micrô rồi thử lại.");
    };

    const start = async () => {
      excuse("");
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: false } });
      } catch (error) { refused(error); return; }
      pieces = [];
      recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 128000 });
      recorder.addEventListener("dataavailable", (event) => { if (event.data.size) pieces.push(event.data); });
      recorder.addEventListener("stop", () => stopped(stream));
      recorder.start(1000);
      unsent = true;
      ear = listen(stream);
      const began = performance.now();
      const longest = Number(box.dataset.longestMin) * 60;
      timer = setInterval(() => {
        const seconds = (performance.now() - began) / 1000;
        part("clock").textContent = clock(seconds);
        if (seconds >= longest && recorder.state === "recording") recorder.stop();
      }, 250);
      recordingNow(true);
      part("stop").focus();
    };

    const recordingNow = (is) => {
      for (const [each, when] of [["record", !is], ["stop", is], ["record-state", is], ["level-box", is]]) show(part(each), when);
      if (is) show(part("take"), false);
    };

    const stopped = (stream) => {
      clearInterval(timer);
      ear?.();
      stream.getTracks().forEach((track) => track.stop());
      recordingNow(false);
      show(part("record"), false);
      take = new Blob(pieces, { type: kind.split(";")[0] });
      player.src = URL.createObjectURL(take);
      show(part("take"), true);
      part("use").focus();
    };

    const drop = () => {
      URL.revokeObjectURL(player.src);
      player.removeAttribute("src");
      take = null;
      show(part("take"), false);
      show(part("record"), true);
    };

    part("record").addEventListener("click", start);
    part("stop").addEventListener("click", () => recorder?.stop());
    part("discard").addEventListener("click", () => { unsent = false; drop(); part("record").focus(); });
    part("use").addEventListener("click", () => {
      const at = new Date();
      const two = (value) => String(value).padStart(2, "0");
      const ending = kind.includes("mp4") ? "m4a" : kind.includes("ogg") ? "ogg" : "webm";
      begin(take, `Thu ${two(at.getHours())}g${two(at.getMinutes())} ngày ${two(at.getDate())}-${two(at.getMonth() + 1)}-${at.getFullYear()}.${ending}`, "recording");
      part("take").querySelector(".form-end").hidden = true;
      show(part("record"), true);
    });
    part("record").addEventListener("click", () => { part("take").querySelector(".form-end").hidden = false; }, true);
  }

  // --- choosing on the picture what is kept ---
  const mayCut = (form) => {
    form.removeAttribute("data-cut");
    const box = form.querySelector("[data-wave]");
    const sound = form.querySelector("audio");
    const seconds = Number(form.dataset.seconds);
    const fields = { from: form.elements.from_s, to: form.elements.to_s };
    const read = (text) => {
      if (!text.trim()) return null;
      const value = text.trim().replace(",", ".").split(":").reduce((sum, place) => sum * 60 + Number(place), 0);
      return Number.isFinite(value) ? Math.min(seconds, Math.max(0, value)) : null;
    };
    const at = { from: () => read(fields.from.value) ?? 0, to: () => read(fields.to.value) ?? seconds };
    const layer = (look) => box.appendChild(Object.assign(document.createElement("div"), { className: look }));
    const shade = { from: layer("wave-shade"), to: layer("wave-shade") };
    const head = layer("wave-head");
    const handles = {};

    const draw = () => {
      const [from, to] = [at.from() / seconds, at.to() / seconds];
      shade.from.style.left = "0";
      shade.from.style.width = `${100 * from}%`;
      shade.to.style.left = `${100 * to}%`;
      shade.to.style.width = `${100 * (1 - to)}%`;
      for (const [end, place] of [["from", from], ["to", to]]) {
        handles[end].style.left = `${100 * place}%`;
        handles[end].setAttribute("aria-valuenow", (place * seconds).toFixed(1));
        handles[end].setAttribute("aria-valuetext", clock(place * seconds, true));
      }
    };
    const move = (end, to) => {
      const value = end === "from" ? Math.min(Math.max(0, to), at.to() - 1) : Math.max(Math.min(seconds, to), at.from() + 1);
      const isEdge = end === "from" ? value <= 0.05 : value >= seconds - 0.05;
      fields[end].value = isEdge ? "" : clock(value, true);
      draw();
    };
    const place = (event) => {
      const edge = box.getBoundingClientRect();
      return seconds * (event.clientX - edge.left) / edge.width;
    };
    for (const [end, words] of [["from", "Điểm đầu"], ["to", "Điểm cuối"]]) {
      const handle = layer("wave-handle");
      handles[end] = handle;
      handle.tabIndex = 0;
      for (const [name, value] of [["role", "slider"], ["aria-label", words], ["aria-valuemin", "0"], ["aria-valuemax", String(seconds)]]) handle.setAttribute(name, value);
      handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); event.preventDefault(); handle.focus(); });
      handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) move(end, place(event)); });
      handle.addEventListener("keydown", (event) => {
        const steps = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -seconds, End: seconds };
        if (!(event.key in steps)) return;
        event.preventDefault();
        move(end, at[end]() + steps[event.key]);
      });
      fields[end].addEventListener("input", draw);
    }
    box.addEventListener("click", (event) => {
      if (event.target.closest(".wave-handle")) return;
      sound.currentTime = place(event);
      sound.play();
    });

    // Listen to what would be kept, and take the place that is heard for an end.
    const row = document.createElement("div");
    row.className = "row-of";
    const button = (words, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-primary btn-small", textContent: words });
      made.addEventListener("click", act);
      row.append(made);
    };
    let stopAt = null;
    button("Nghe đoạn giữ lại", () => { stopAt = at.to(); sound.currentTime = at.from(); sound.play(); });
    button("Chỗ đang nghe là điểm đầu", () => move("from", sound.currentTime));
    button("Chỗ đang nghe là điểm cuối", () => move("to", sound.currentTime));
    sound.after(row);
    sound.addEventListener("pause", () => { stopAt = null; });
    sound.addEventListener("timeupdate", () => {
      head.style.left = `${100 * sound.currentTime / seconds}%`;
      if (stopAt !== null && sound.currentTime >= stopAt) sound.pause();
    });
    draw();
  };
  const allCuts = () => document.querySelectorAll("[data-cut]").forEach(mayCut);
  allCuts();
  // A page that watches the work puts its parts in anew when it is done.
  new MutationObserver(allCuts).observe(document.querySelector("main"), { childList: true, subtree: true });
})();
