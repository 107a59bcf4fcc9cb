/* A microphone on the air: check it, ask for the air, send its sound in pieces, show what the loudspeakers get. */
"use strict";
(() => {
  const root = document.querySelector("[data-live]");
  if (!root) return;
  const find = (name) => root.querySelector(`[data-${name}]`);  // also `stage='on'`
  const form = find("stage='ask'");
  const token = form.elements.csrf_token.value;
  const RATE = Number(root.dataset.rate);
  const FRAMES = Math.round(Number(root.dataset.blockS) * RATE);
  const MOST_HELD = Math.round(2 / Number(root.dataset.blockS));
  const AT_ONCE = 3;
  const ASK_MS = 500;
  const HEARD_DBFS = -45;
  const JSON_ONLY = { Accept: "application/json" };
  const show = (node, isShown) => { node.hidden = !isShown; };
  const write = (node, words) => { if (node.textContent !== words) node.textContent = words; };
  const clock = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  // --- the microphone: opened, made even, measured ---
  let mic = null;
  const WHY = {
    NotAllowedError: "Trình duyệt chưa được phép dùng micrô. Bấm biểu tượng bên trái địa chỉ của trang, cho phép micrô, rồi bấm “Bật micrô” lần nữa.",
    NotFoundError: "Không thấy micrô nào. Hãy cắm micrô vào máy rồi bấm “Bật micrô” lần nữa.",
    NotReadableError: "Micrô đang bị chương trình khác dùng. Hãy đóng chương trình đó rồi bấm “Bật micrô” lần nữa.",
  };
  const wanted = (device) => ({
    audio: {
      deviceId: device ? { exact: device } : undefined,
      channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true,
    },
  });
  const source = (stream) => {
    try {
      const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      return [context, context.createMediaStreamSource(stream)];
    } catch {
      const context = new AudioContext({ latencyHint: "interactive" });  // Firefox keeps the card's own rate
      return [context, context.createMediaStreamSource(stream)];
    }
  };
  const compressor = (context, values) => {
    const node = context.createDynamicsCompressor();
    for (const [name, value] of Object.entries(values)) node[name].value = value;
    return node;
  };
  // Rumble out, quiet words up, loud ones down, peaks held. The browser's compressor adds gain by itself:
  // (1 / its reduction at full scale) ^ 0.6. Voices between -36 and -16 LUFS leave it within 7 LU, near -18.
  const evened = (context, input) => {
    const rumble = new BiquadFilterNode(context, { type: "highpass", frequency: 100, Q: 0.7 });
    const even = compressor(context, { threshold: -34, knee: 12, ratio: 4, attack: 0.005, release: 0.25 });
    const limit = compressor(context, { threshold: -6, knee: 0, ratio: 20, attack: 0.001, release: 0.1 });
    const room = new GainNode(context, { gain: 1.05 });
    return [rumble, even, limit, room].reduce((before, node) => before.connect(node), input);
  };
  const pieces = async (context, input, take) => {
    let node;
    if (context.audioWorklet) {
      await context.audioWorklet.addModule(root.dataset.worklet);
      node = new AudioWorkletNode(context, "pieces", {
        channelCount: 1, channelCountMode: "explicit", processorOptions: { rate: RATE, frames: FRAMES },
      });
      node.port.onmessage = ({ data }) => take(data);
    } else {
      node = slower(context, take);
    }
    input.connect(node).connect(new GainNode(context, { gain: 0 })).connect(context.destination);
  };
  const slower = (context, take) => {  // browsers before 2021
    const node = context.createScriptProcessor(4096, 1, 1);
    const step = context.sampleRate / RATE;
    let piece = new Int16Array(FRAMES), filled = 0, at = 0, before = 0;
    node.onaudioprocess = ({ inputBuffer }) => {
      for (const value of inputBuffer.getChannelData(0)) {
        for (; at < 1; at += step) {
          piece[filled++] = Math.max(-1, Math.min(1, before + (value - before) * at)) * 32767;
          if (filled === FRAMES) { take(piece.buffer); piece = new Int16Array(FRAMES); filled = 0; }
        }
        at -= 1;
        before = value;
      }
    };
    return node;
  };
  const open = async (device) => {
    close();
    show(find("mic-error"), false);
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted(device));
      const [context, input] = source(stream);
      await context.resume();
      const out = evened(context, input);
      const ear = new AnalyserNode(context, { fftSize: 2048 });
      out.connect(ear);
      mic = { stream, context, ear, wasHeard: false, samples: new Float32Array(ear.fftSize) };
      await pieces(context, out, (piece) => air?.send(piece));
      stream.getAudioTracks()[0].addEventListener("ended", lost);
      await list(stream);
    } catch (error) {
      close();
      write(find("mic-error"), WHY[error.name] || `Không mở được micrô (${error.message || error.name}).`);
      show(find("mic-error"), true);
    }
    show(find("mic-off"), !mic);
    show(find("mic-on"), Boolean(mic));
    settle();
  };
  const close = () => {
    mic?.stream.getTracks().forEach((track) => track.stop());
    mic?.context.close();
    mic = null;
  };
  const lost = () => {
    write(find("mic-error"), "Micrô đã bị rút ra. Hãy cắm lại rồi bấm “Bật micrô”.");
    show(find("mic-error"), true);
    show(find("mic-off"), true);
    show(find("mic-on"), false);
    close();
    settle();
  };
  const list = async (stream) => {
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "audioinput");
    const used = stream.getAudioTracks()[0].getSettings().deviceId;
    const choice = root.querySelector("#micro");
    choice.replaceChildren(...all.map((each, number) => new Option(each.label || `Micrô ${number + 1}`, each.deviceId, false, each.deviceId === used)));
    show(find("devices"), all.length > 1);
  };
  const measure = () => {
    if (!mic) return;
    mic.ear.getFloatTimeDomainData(mic.samples);
    const power = mic.samples.reduce((sum, value) => sum + value * value, 0) / mic.samples.length;
    const dbfs = 10 * Math.log10(power + 1e-12);
    const level = Math.max(0, Math.min(100, 100 * (1 + dbfs / 50)));
    root.querySelectorAll("[data-mic]").forEach((meter) => { meter.value = Math.max(level, meter.value * 0.8); });
    if (dbfs < HEARD_DBFS || mic.wasHeard) return;
    mic.wasHeard = true;
    write(find("mic-words"), "Nghe rõ. Micrô dùng được.");
    settle();
  };
  setInterval(measure, 100);

  // --- asking ---
  const zones = () => [...form.querySelectorAll("[name=zones]:checked")];
  const settle = () => {
    const chosen = zones();
    const go = find("go");
    go.disabled = !mic?.wasHeard || !chosen.length || Boolean(air);
    const where = chosen.length === 1 ? `tại ${chosen[0].dataset.name}` : `tại ${chosen.length} cụm loa`;
    const waits = !find("there").hidden && form.elements.there.value === "wait";
    write(find("go-words"), chosen.length ? `${waits ? "Đợi rồi lên sóng" : "Lên sóng"} ${where}` : "Lên sóng");
    write(find("go-help"), !mic ? "Bật và thử micrô trước." : !mic.wasHeard ? "Nói thử một câu để kiểm tra micrô." : !chosen.length ? "Chọn ít nhất một cụm loa." : "");
  };
  let sounding = [];
  const lookAround = async () => {
    if (air || document.hidden) return;
    try {
      const answer = await fetch(root.dataset.heard, { headers: JSON_ONLY });
      if (answer.ok) ({ heard: sounding } = await answer.json());
    } catch { /* the bar already says that the station cannot be reached */ }
    tellThere();
  };
  const tellThere = () => {
    const mine = new Set(zones().map((box) => Number(box.value)));
    const there = sounding.filter((each) => each.zones.some((zone) => mine.has(zone)));
    show(find("there"), there.length > 0);
    write(find("there-words"), there.map((each) => `Đang phát “${each.title}” ở ${each.where}`).join("; "));
    settle();
  };
  const complain = (sentence, field) => {
    write(find("error"), sentence);
    show(find("error"), Boolean(sentence));
    if (/giới hạn|giờ được phép|giờ yên tĩnh|quy định/.test(sentence)) show(find("field='override'"), true);
    form.querySelector(`[name="${field}"]`)?.focus();
  };
  const ask = async () => {
    complain("");
    find("go").disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: JSON_ONLY });
      const told = await answer.json().catch(() => ({}));
      if (answer.status === 401) return complain("Đã hết phiên đăng nhập; hãy đăng nhập lại ở một thẻ khác rồi bấm lần nữa.");
      if (!answer.ok) return complain(told.sentence || "Chưa lên sóng được; hãy tải lại trang rồi thử lại.", told.field);
      begin(told);
    } catch {
      complain("Không nối được với máy của đài; hãy kiểm tra mạng rồi bấm lần nữa.");
    } finally {
      settle();
    }
  };

  // --- on the air ---
  let air = null;
  const begin = (told) => {
    const chosen = zones().map((box) => box.dataset.name).join(", ");
    air = sender(told);
    stage("on");
    write(find("title"), form.elements.title.value.trim());
    write(find("where"), chosen);
    tell({ state: "asked", on_air_s: 0, left_s: 60 * Number(form.elements.minutes.value), level: 0, faults: [], lost: "", waits_for: "" });
    root.querySelector("#len-song").focus();
    navigator.wakeLock?.request("screen").then((lock) => { if (air) air.lock = lock; else lock.release(); }).catch(() => {});
    follow(air);
  };
  const sender = (told) => {
    const held = [];
    let number = 0, away = 0;
    const self = { told, isOver: false, isHeard: true, lock: null };
    const send = async (piece) => {
      away += 1;
      const until = Date.now() + 2000;
      while (self.isHeard && Date.now() < until) {
        try {
          const answer = await fetch(told.sound + piece.number, {
            method: "POST", body: piece.sound, signal: AbortSignal.timeout?.(2000),
            headers: { ...JSON_ONLY, "Content-Type": "application/octet-stream", "X-CSRFToken": token },
          });
          if (answer.status === 200) self.isHeard = false;  // it is over: the next status says why
          if (answer.status < 500) break;
        } catch { /* the network is away: the piece is worth little after two seconds */ }
        await new Promise((resolve) => { setTimeout(resolve, 150); });
      }
      away -= 1;
      pump();
    };
    const pump = () => { while (away < AT_ONCE && held.length) send(held.shift()); };
    self.send = (sound) => {
      if (!self.isHeard) return;
      held.push({ number: number++, sound });
      while (held.length > MOST_HELD) held.shift();
      pump();
    };
    return self;
  };
  const follow = async (mine) => {
    while (!mine.isOver) {
      try {
        const answer = await fetch(mine.told.status, { headers: JSON_ONLY, signal: AbortSignal.timeout?.(4000) });
        if (answer.status === 401) tell({ ...last, note: "Đã hết phiên đăng nhập: tiếng nói không tới loa nữa." });
        else if (answer.ok) tell(await answer.json());
      } catch {
        tell({ ...last, note: "Mất kết nối với máy của đài; đang thử lại. Nếu quá 5 giây, loa sẽ tự im." });
      }
      await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
    }
  };
  let last = {};
  const tell = (status) => {
    last = status;
    if (status.state === "over") return end(status);
    const warms = Math.ceil(status.starts_in_s || 0);
    const isOn = status.state === "on_air" && !warms;
    find("stage='on'").classList.toggle("is-waiting", !isOn);
    write(find("word"), isOn ? "ĐANG LÊN SÓNG" : status.waits_for ? "ĐANG CHỜ" : warms ? "CHỜ ÂM LY" : "ĐANG NỐI…");
    write(find("stop-words"), status.waits_for ? "Thôi, không nói nữa" : "Kết thúc");
    write(find("elapsed"), clock(status.on_air_s));
    write(find("left"), clock(status.left_s));
    find("heard-level").value = status.level;
    const slow = status.is_slow ? "Bộ phát chưa trả lời. Hãy xem trang Tình trạng máy." : "";
    const waits = status.waits_for ? `Lên sóng ngay khi phát xong “${status.waits_for}”.` : "";
    const starts = warms ? `Âm ly đang bật: hãy bắt đầu nói sau ${warms} giây` : "";
    write(find("note"), status.note || [...status.faults, status.lost, slow, starts, waits].filter(Boolean).join(". "));
    return undefined;
  };
  const end = (status) => {
    if (!air) return;
    air.isOver = true;
    air.isHeard = false;
    air.lock?.release();
    air = null;
    close();
    show(find("mic-off"), true);
    show(find("mic-on"), false);
    write(find("mic-words"), "Chưa nghe thấy tiếng. Hãy nói như khi phát thanh.");
    write(find("outcome"), status.outcome);
    show(find("history"), Boolean(status.history));
    stage("over");
    root.querySelector("#ket-thuc").focus();
    settle();
  };
  const stop = async () => {
    const mine = air;
    if (!mine) return;
    find("stop").disabled = true;
    mine.isHeard = false;
    write(find("note"), "Đang kết thúc…");
    try {
      const body = new URLSearchParams({ csrf_token: token });
      await fetch(mine.told.stop, { method: "POST", body, headers: JSON_ONLY });
    } catch {
      mine.isOver = true;  // no more sound from here: the station ends it by itself
      tell({ ...last, state: "over", outcome: "Không nối được với máy của đài. Micrô đã tắt; loa tự im sau 5 giây." });
    } finally {
      find("stop").disabled = false;
    }
  };
  const stage = (name) => {
    root.querySelectorAll("[data-stage]").forEach((part) => show(part, part.dataset.stage === name));
    document.body.classList.toggle("is-on-air", name === "on");
  };

  // --- leaving ---
  let mayLeave = false;
  document.addEventListener("submit", (event) => { if (event.target !== form) mayLeave = true; }, true);
  addEventListener("beforeunload", (event) => {
    if (!air || mayLeave) return;
    event.preventDefault();
    event.returnValue = "";
  });
  addEventListener("pagehide", () => {
    if (air) navigator.sendBeacon(air.told.stop, new URLSearchParams({ csrf_token: token, how: "closed" }));
  });

  if (!window.isSecureContext || !navigator.mediaDevices) show(find("insecure"), true);
  find("open").disabled = !window.isSecureContext || !navigator.mediaDevices;
  find("open").addEventListener("click", () => open());
  root.querySelector("#micro").addEventListener("change", (event) => open(event.target.value));
  find("stop").addEventListener("click", stop);
  find("again").addEventListener("click", () => { stage("ask"); find("open").focus(); lookAround(); });
  form.addEventListener("change", tellThere);
  form.addEventListener("submit", (event) => { event.preventDefault(); if (!find("go").disabled) ask(); });
  document.addEventListener("on-air-changed", lookAround);
  setInterval(lookAround, 3000);
  lookAround();
  settle();
})();
