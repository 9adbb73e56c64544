// Progressive enhancement only: every action is a form or a link first.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);

function say(message) {
  const live = $("#live");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = message));
}

function setIcon(button, name) {
  const use = $("use", button);
  if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, "#" + name));
}

async function copy(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  // Plain-http installs have no clipboard interface.
  const area = Object.assign(document.createElement("textarea"), { value: text });
  ($("dialog[open]") || document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("copy");
}

async function onCopy(button, text) {
  const label = $("span:not(.vh)", button);
  const before = label && label.textContent;
  try {
    await copy(text);
    setIcon(button, "check");
    button.classList.add("is-done");
    if (label) label.textContent = "Copied";
    say("Copied to clipboard");
  } catch {
    setIcon(button, "alert-triangle");
    if (label) label.textContent = "Press Ctrl C";
    say("Copy failed. Select the text and press Control C.");
  }
  setTimeout(() => {
    setIcon(button, "copy");
    button.classList.remove("is-done");
    if (label) label.textContent = before;
  }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { copy: text, copyFrom, reveal } = button.dataset;
  if (text !== undefined) onCopy(button, text);
  if (copyFrom) onCopy(button, document.getElementById(copyFrom).innerText);
  if (reveal) {
    const field = document.getElementById(reveal);
    const show = field.classList.contains("masked");
    field.classList.toggle("masked", !show);
    button.setAttribute("aria-pressed", String(show));
    setIcon(button, show ? "eye-off" : "eye");
  }
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(".secret input")) event.target.select();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-auto-submit]")) event.target.form.requestSubmit();
});

// A dialog that is a page of its own becomes a real modal one: focus stays inside and the rest is inert.
function upgradeModals(root) {
  for (const dialog of root.querySelectorAll("dialog[data-modal][open]")) {
    if (dialog.matches(":modal")) continue;
    dialog.close();
    dialog.showModal();
    const hold = dialog.hasAttribute("data-hold");
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (!hold) location.assign(dialog.dataset.back);
    });
    // Esc must not lose a secret; a second Esc gets through a prevented cancel, so the key is stopped too.
    if (hold) dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  }
}

const UNITS = [
  [31536000, "year"],
  [2592000, "month"],
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

// The words of Times.relative on the server.
function relative(then) {
  const seconds = Math.trunc((Date.now() - then) / 1000);
  let distance = Math.abs(seconds);
  if (seconds < -2 * 86400) distance += 43200;
  if (distance < 5) return seconds < 0 ? "now" : "just now";
  const [size, unit] = UNITS.find(([size]) => distance >= size);
  const number = Math.trunc(distance / size);
  const amount = `${number} ${unit}${number === 1 ? "" : "s"}`;
  return seconds < 0 ? `in ${amount}` : `${amount} ago`;
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    time.textContent = relative(Date.parse(time.dateTime));
  }
}

upgradeModals(document);
setInterval(refreshTimes, 15000);

// Live parts refresh themselves, but never under the reader's hands.
document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.target.closest?.("[data-live]");
  if (live && (document.hidden || live.contains(document.activeElement) || $("dialog[open]"))) event.preventDefault();
});

// Leaving the secret step without saving discards the draft at once; without script it ends by itself.
const draft = $("form[data-discard]");
if (draft) {
  let decided = false;
  document.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("data-keeps-draft")) decided = true;
  });
  addEventListener("pagehide", () => {
    if (!decided) {
      const csrf = new URLSearchParams({ csrf: draft.elements.csrf.value });
      fetch(draft.dataset.discard, { method: "POST", body: csrf, keepalive: true });
    }
  });
}
