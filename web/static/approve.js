/* Who signs has listened: the button rests until the clip was heard through once. Without script it never rests. */
"use strict";
(() => {
  const END_S = 1.5;  // nobody waits for the last breath
  const sound = document.getElementById("ban-thu");
  const form = document.querySelector("[data-sign]");
  if (!sound || !form) return;
  const [button, help, left] = ["button", "[data-listen-first]", "[data-left]"].map((part) => form.querySelector(part));
  const key = "da-nghe:" + new URL(sound.src).pathname;
  let isResting = false;

  const rest = (on) => {
    isResting = on;
    help.hidden = !on;
    button.setAttribute("aria-disabled", String(on));
    if (on) button.setAttribute("aria-describedby", help.id);
    else button.removeAttribute("aria-describedby");
    button.classList.toggle("btn-primary", !on);
    button.classList.toggle("btn-outline-primary", on);
  };
  const heardS = () => {
    let seconds = 0;
    for (let n = 0; n < sound.played.length; n += 1) seconds += sound.played.end(n) - sound.played.start(n);
    return seconds;
  };
  const inWords = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    return (minutes ? `${minutes} phút ` : "") + `${Math.round(seconds % 60)} giây`;
  };
  const listen = () => {
    if (!isResting || !Number.isFinite(sound.duration)) return;
    const restS = sound.duration - heardS();
    left.textContent = ` (còn ${inWords(Math.max(1, restS))})`;
    if (restS > END_S) return;
    sessionStorage.setItem(key, "1");
    rest(false);
  };

  if (sessionStorage.getItem(key) || sound.error) return;
  rest(true);
  for (const event of ["loadedmetadata", "timeupdate", "ended"]) sound.addEventListener(event, listen);
  sound.addEventListener("error", () => rest(false));
  form.addEventListener("submit", (event) => {
    if (!isResting) return;
    event.preventDefault();
    help.classList.add("is-asked");
    sound.focus();
  });
  listen();
})();
