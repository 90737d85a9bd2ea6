"use strict";
// The page: send one message at a time, try again when the line breaks, leave without a trace.
const log = document.getElementById("log");
const form = document.getElementById("form");
const text = document.getElementById("text");
const state = document.getElementById("status");
const exitUrl = document.body.dataset.exit;
const speech = { language: document.documentElement.lang, words: JSON.parse(document.body.dataset.words) };
const PHONE = /(?<![\d.,/])(11[1-5]|(?:0[1-9]|1[89]00)(?:[ .]?\d){4,9})(?![\d/]|[.,]\d)/g;
const page = crypto.getRandomValues(new Uint32Array(4)).join("-"); // answers are given to this page alone
let have = 0;
let busy = false;
let left = false;

function leave() {
  if (left) return;
  left = true;
  log.textContent = "";
  text.value = "";
  document.title = speech.words["page.left"];
  if (navigator.sendBeacon) navigator.sendBeacon("/chat/leave");
  window.location.replace(exitUrl);
}

function withPhones(part, line) {
  let end = 0;
  for (const found of line.matchAll(PHONE)) {
    part.append(line.slice(end, found.index));
    const link = document.createElement("a");
    link.href = "tel:" + found[0].replace(/\D/g, "");
    link.textContent = found[0];
    part.append(link);
    end = found.index + found[0].length;
  }
  part.append(line.slice(end));
  return part;
}

// "• Name: phone (address, hours)": the name in bold, what stands in brackets at its end on a quieter line below.
function entry(line) {
  const item = document.createElement("li");
  const [, name, rest, details] = line.match(/^(?:([^(]+?): )?(.*?)(?: \(([^()]*)\))?$/u) || [, "", line, ""];
  if (name) {
    const bold = document.createElement("strong");
    bold.textContent = name;
    item.append(bold, " ");
  }
  withPhones(item, rest);
  if (details) {
    const small = document.createElement("small");
    withPhones(small, details);
    item.append(small);
  }
  return item;
}

function show(words, who) {
  const bubble = document.createElement("article");
  bubble.className = who;
  let list = null;
  for (const line of words.split("\n")) {
    if (who === "bot" && line.startsWith("• ")) {
      if (!list) bubble.append((list = document.createElement("ul")));
      list.append(entry(line.slice(2)));
    } else {
      list = null;
      if (line.trim()) bubble.append(withPhones(document.createElement("p"), line));
    }
  }
  log.append(bubble);
  return bubble;
}

function offer(message) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const choice of message.buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    button.addEventListener("click", () => {
      if (choice.button === "exit") return leave();
      if (send({ button: choice.button }, choice.label)) row.remove();
    });
    row.append(button);
  }
  if (message.ask_location && navigator.geolocation && window.isSecureContext) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = speech.words["page.location"];
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        (at) => send({ location: [at.coords.latitude, at.coords.longitude] }, speech.words["page.location_sent"]),
        () => { state.textContent = speech.words["page.no_location"]; },
      );
    });
    row.append(button);
  }
  if (row.childElementCount) log.append(row);
}

function receive(messages) {
  let first = null;
  for (const message of messages) {
    if (message.id <= have) continue;
    have = message.id;
    if (message.leave) return leave();
    const bubble = show(message.text, "bot");
    if (message.image) {
      const card = document.createElement("img");
      card.src = message.image;
      card.alt = message.alt;
      card.width = card.height = 1080;
      bubble.prepend(card);
    }
    first = first || bubble;
    offer(message);
  }
  if (first) first.scrollIntoView({ block: "start" });
  if (messages.length) speak(messages.at(-1).language);
}

// The page speaks the language that the last answer was given in.
async function speak(language) {
  if (language === speech.language) return;
  try {
    speech.words = await (await fetch("/words/" + language)).json();
  } catch { return; /* the next answer tries again */ }
  speech.language = document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = speech.words[part.dataset.say];
  text.placeholder = speech.words["page.here"];
  log.setAttribute("aria-label", speech.words["page.log"]);
}

// While the model loads, only plain words are understood: a quiet line says so, and goes by itself.
async function watch() {
  const line = document.getElementById("learning");
  for (let wait = 2; !left; wait = Math.min(wait * 1.5, 20)) {
    try {
      const state = (await (await fetch("/healthz")).json()).understanding;
      line.hidden = state === "ready" || state === "external";
      if (line.hidden) return;
    } catch { /* the line to the bot is weak: another sentence says so when it matters */ }
    await new Promise((done) => setTimeout(done, wait * 1000));
  }
}

async function post(body) {
  const answer = await fetch("/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, have, page }),
    signal: AbortSignal.timeout(20000),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).messages;
}

function send(body, shown) {
  if (busy || left) return false;
  busy = true;
  for (const old of log.querySelectorAll(".choices")) old.remove();
  show(shown, "me").scrollIntoView({ block: "end" });
  deliver(body);
  return true;
}

async function deliver(body) {
  let id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  let again = false;
  for (let wait = 1; !left; wait = Math.min(wait * 2, 15)) {
    state.textContent = speech.words[again ? "page.again" : "page.waiting"];
    try {
      const messages = await post({ ...body, id });
      if (messages.length || !again) {
        receive(messages);
        state.textContent = "";
        break;
      }
      id = crypto.getRandomValues(new Uint32Array(4)).join("-"); // the answer to the first try was lost: ask anew
    } catch (error) {
      if (["400", "403", "413"].includes(error.message)) {
        state.textContent = speech.words["page.refused"];
        break;
      }
      again = true;
      await new Promise((done) => setTimeout(done, wait * 1000));
    }
  }
  busy = false;
  text.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words && send({ text: words }, words)) {
    text.value = "";
    text.style.height = "";
  }
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
text.addEventListener("input", () => {
  text.style.height = "auto";
  text.style.height = text.scrollHeight + "px";
});
document.getElementById("exit").addEventListener("click", leave);
document.getElementById("language").addEventListener("click", () => send({ button: "language" }, "Language"));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
offer({ buttons: JSON.parse(document.body.dataset.menu) });
watch();
window.addEventListener("pagehide", () => { log.textContent = ""; text.value = ""; }); // the way back shows nothing
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
