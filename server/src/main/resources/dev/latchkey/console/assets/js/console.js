// Progressive enhancement only: every action is a form or a link first.
"use strict";

// Where Latchkey is: at the root of its host, or below a path. The script is in assets/<hash>/.
const ROOT = new URL("../..", document.currentScript.src).pathname;

const $ = (selector, root = document) => root.querySelector(selector);

// Everything outside an open modal is inert and so silent: each modal gets its own live region.
function liveRegion() {
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!modal) return $("#live");
  let region = $("[data-announcer]", modal);
  if (!region) {
    region = document.createElement("div");
    region.className = "vh";
    region.dataset.announcer = "";
    region.setAttribute("role", "status");
    modal.append(region);
  }
  return region;
}

function say(message) {
  const live = liveRegion();
  live.textContent = "";
  // Screen readers ignore the first text of a region that has just been added.
  setTimeout(() => (live.textContent = message), 60);
}

function setIcon(button, name) {
  const use = $("use", button);
  if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, "#" + name));
}

async function copy(text, button) {
  if (navigator.clipboard && isSecureContext) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // Refused by a policy, which may still allow the old way.
    }
  }
  // Over plain HTTP there is no clipboard interface.
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "vh", readOnly: true });
  (button.closest("dialog") || document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  button.focus({ preventScroll: true });
  if (!copied) throw new Error("copy");
}

// The label of a copy button while it shows another text, which a second press must not take for the label.
const resting = new WeakMap();

async function onCopy(button, text) {
  const label = $("span:not(.vh)", button);
  const before = resting.get(button) ?? { words: label?.textContent };
  resting.set(button, before);
  clearTimeout(before.timer);
  try {
    await copy(text, button);
    setIcon(button, "check");
    button.classList.add("is-done");
    if (label) label.textContent = "Copied";
    say("Copied to clipboard");
  } catch {
    setIcon(button, "alert-triangle");
    if (label) label.textContent = "Press Ctrl+C";
    const field = $("input", button.closest(".secret") ?? button);
    field?.focus();
    say("Copying failed. Select the text and press Control C.");
  }
  before.timer = setTimeout(() => {
    setIcon(button, "copy");
    button.classList.remove("is-done");
    if (label) label.textContent = before.words;
    resting.delete(button);
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

// When an API key is chosen, a lifetime that keys cannot have gives way to the longest one that they can have.
document.addEventListener("change", (event) => {
  if (!event.target.matches('[name="method"][value="api_key"]')) return;
  const chosen = event.target.form.querySelector('.not-for-keys > [name="expires"]:checked');
  if (!chosen) return;
  const fitting = [...event.target.form.querySelectorAll('label:not(.not-for-keys) > [name="expires"]')].filter((choice) => +choice.value);
  if (fitting.length > 0) fitting.at(-1).checked = true;
});

// Whether a field of a dialog differs from its initial value.
function isTyped(dialog) {
  return [...dialog.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.localName === "select") {
      const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return field.value !== first?.value;
    }
    return field.value !== field.defaultValue;
  });
}

// A dialog that has its own address becomes a real modal: focus stays inside and the rest is inert.
function upgradeModals(root) {
  for (const dialog of root.querySelectorAll("dialog[data-modal][open]")) {
    if (dialog.matches(":modal")) continue;
    dialog.close();
    dialog.showModal();
    const hold = dialog.hasAttribute("data-hold");
    const leave = () => location.assign(dialog.dataset.back);
    let warned = false;
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (hold) return;
      if (dialog.hasAttribute("data-typed") && isTyped(dialog) && !warned) {
        warned = true;
        setTimeout(() => (warned = false), 4000);
        toast("Press Esc again to leave and lose what you typed.");
      } else {
        leave();
      }
    });
    // A second Esc gets past a prevented cancel. The event of the close() above arrives late, when the dialog is open.
    dialog.addEventListener("close", () => dialog.open || hold || leave());
    // Esc must not lose a secret: a second Esc gets past a prevented cancel, so the key is stopped as well.
    if (hold) {
      dialog.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        say("Save or discard the token first.");
      });
    }
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

// The same words as Times.relative on the server.
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

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });

// The same as Times.day, minute and second on the server, in the reader's own time zone.
function exact(then, how) {
  const day = `${then.getDate()} ${MONTHS[then.getMonth()]} ${then.getFullYear()}`;
  if (how === "day") return day;
  const clock = CLOCK.format(then);
  return `${day}, ${how === "minute" ? clock.slice(0, 5) : clock}`;
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    time.textContent = relative(Date.parse(time.dateTime));
  }
  for (const time of document.querySelectorAll("time[data-exact]")) {
    time.textContent = exact(new Date(time.dateTime), time.dataset.exact);
  }
  for (const note of document.querySelectorAll("[data-zone]")) note.textContent = `times in ${ZONE}`;
}

upgradeModals(document);
refreshTimes();

// After signing in again, continue with the form that this page carries.
$("form[data-resume]")?.requestSubmit();

setInterval(refreshTimes, 15000);

// How many rows are ticked; the style sheet shows the number.
function countPicked(list) {
  const rows = [...list.querySelectorAll("[name=id]")];
  const picked = rows.filter((row) => row.checked).length;
  const all = $("[data-select-all]", list);
  if (all) {
    all.checked = picked > 0 && picked === rows.length;
    all.indeterminate = picked > 0 && picked < rows.length;
  }
  return picked;
}

document.addEventListener("change", (event) => {
  const list = event.target.closest("#rows");
  if (!list || !event.target.matches("[name=id], [data-select-all]")) return;
  if (event.target.matches("[data-select-all]")) {
    for (const row of list.querySelectorAll("[name=id]")) row.checked = event.target.checked;
  }
  say(`${countPicked(list)} selected`);
});

// A button above or in a list reloads the page: afterwards it gets the focus back.
document.addEventListener("submit", (event) => {
  if (event.target.id === "asked" && event.submitter?.id) sessionStorage.setItem("focus", event.submitter.id);
});
const pressed = sessionStorage.getItem("focus");
sessionStorage.removeItem("focus");
if (pressed && !$("dialog[open]")) document.getElementById(pressed)?.focus({ preventScroll: true });

// Live parts refresh themselves, but not while the reader works in them.
document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.target.closest?.("[data-live]");
  if (live && (document.hidden || live.contains(document.activeElement) || $("input:checked", live) || $("dialog[open]"))) event.preventDefault();
});

const SESSION_ENDED = "Your session has ended. You can still send the form: you then sign in, and nothing that you typed is lost.";

let noticeTimer;

function toast(message) {
  $(".toast.shown")?.remove();
  clearTimeout(noticeTimer);
  const box = Object.assign(document.createElement("div"), { className: "toast shown", textContent: message });
  ([...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body).append(box);
  say(message);
  noticeTimer = setTimeout(() => box.remove(), 8000);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  // The session has ended: the sign-in page must not be swapped into a list, nor a form be lost.
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname === ROOT + "sign-in") {
    event.detail.shouldSwap = false;
    if (event.detail.requestConfig?.elt?.closest("form[method=post]")) toast(SESSION_ENDED);
    else location.reload();
  }
});

// What only a script can do is hidden without one.
function showScriptOnly(root) {
  for (const part of root.querySelectorAll("[data-script-only]")) part.hidden = false;
}

document.addEventListener("htmx:afterSwap", () => {
  showScriptOnly(document);
  refreshTimes();
});

document.addEventListener("htmx:afterSettle", (event) => {
  const cause = event.detail.requestConfig?.elt;
  if (!cause?.matches("input[type=search]")) return;
  const result = document.getElementById(cause.getAttribute("hx-target")?.slice(1)) ?? event.target;
  const words = ($(".empty h2", result) ?? $(".foot span", result))?.textContent.split(" · ")[0].trim();
  if (words) say(words);
});

// Live parts try again soon; only what a person asked for gets a message.
for (const [type, message] of [
  ["htmx:sendError", "Latchkey cannot be reached. Try again."],
  ["htmx:responseError", "The request failed. Try again."],
]) {
  document.addEventListener(type, (event) => {
    if (event.detail.requestConfig?.elt?.matches("[data-live]")) return;
    toast(event.detail.xhr?.status === 401 ? SESSION_ENDED : message);
  });
}

// A link in the summary of errors puts the focus into its field.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[role=alert] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  for (let part = field.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  const into = field.matches("fieldset") ? ($("input:checked", field) ?? $("input", field) ?? field) : field;
  into.focus();
  into.scrollIntoView({ block: "center" });
});

// A second press must not send a single-use form again: its answer would replace the page with the secret.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post" || event.submitter?.hasAttribute("data-keeps-draft")) return;
    if (form.ariaBusy === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.ariaBusy = "true";
    setTimeout(() => (form.ariaBusy = null), 5000);
  },
  true,
);

// The next theme and the icon of each theme.
const THEMES = {
  light: { next: "dark", icon: "sun" },
  dark: { next: "system", icon: "moon" },
  system: { next: "light", icon: "sun-moon" },
};

function showTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-switch] [name=theme]")) {
    if (button.hasAttribute("aria-pressed")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
      continue;
    }
    const { next, icon } = THEMES[theme];
    button.value = next;
    button.setAttribute("aria-label", `Colour theme: ${theme}. Switch to ${next}`);
    setIcon(button, icon);
  }
  say(`Colour theme: ${theme}`);
}

// The last theme that was sent. The next one waits for its answer, so that the cookie of the last choice comes last.
let themeSent = Promise.resolve();

// The theme changes without a reload, which would lose what was typed.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const theme = event.submitter?.value;
  if (!form.matches("[data-theme-switch]") || !THEMES[theme]) return;
  event.preventDefault();
  form.ariaBusy = null;
  const sent = new URLSearchParams(new FormData(form));
  sent.set("theme", theme);
  showTheme(theme);
  // The answer sets a cookie; its redirect would lead here.
  const send = () => fetch(form.action, { method: "POST", body: sent, redirect: "manual", keepalive: true });
  themeSent = themeSent.then(send).catch(() => null);
  const answer = await themeSent;
  if (answer?.type !== "opaqueredirect") toast("The theme could not be saved. It lasts until you leave this page.");
});

// A page from the browser's back-forward cache must be able to send its forms again.
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => (form.ariaBusy = null)));

// Leaving the secret step without saving discards the draft at once; without a script it expires.
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

// Show what only a script can do, and hide what replaces it.
document.documentElement.classList.add("scripted");
showScriptOnly(document);

// Filters rows on the page; groups without a hit are hidden, the others unfolded until the search ends.
for (const field of document.querySelectorAll("input[data-filter]")) {
  const rows = [...document.querySelectorAll(field.dataset.filter)];
  const groups = field.dataset.filterGroups ? [...document.querySelectorAll(field.dataset.filterGroups)] : [];
  const texts = rows.map((row) => `${row.closest("[data-group]")?.dataset.group ?? ""} ${row.textContent}`.toLowerCase());
  const nothing = $("[data-nothing]", field.closest(".filter") ?? document);
  let folds = null;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = new Set();
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      if (row.hidden) return;
      shown += 1;
      hits.add(row.closest("[data-group]"));
    });
    const searching = words.length > 0;
    if (searching) folds ??= groups.map((group) => group.open);
    groups.forEach((group, i) => {
      group.hidden = searching && !hits.has(group);
      group.open = searching ? hits.has(group) : (folds?.[i] ?? group.open);
    });
    if (!searching) folds = null;
    if (nothing) nothing.hidden = shown > 0;
    say(`${shown} shown`);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = rows.find((row) => !row.hidden);
    if (first) ($("input:checked", first) ?? $("input, a, summary", first))?.focus();
  });
}

// Marks and counts changed choices at once.
document.addEventListener("change", (event) => {
  const choice = event.target.closest?.("fieldset[data-was]");
  if (!choice) return;
  choice.closest("tr").classList.toggle("changed", event.target.value !== choice.dataset.was);
  const group = choice.closest("[data-group]");
  const count = group?.querySelectorAll("tr.changed").length ?? 0;
  const badge = group && $("[data-changed]", group);
  if (badge) {
    badge.textContent = `${count} changed`;
    badge.hidden = count === 0;
  }
});
