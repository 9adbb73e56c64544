// Finds anything from the keyboard. Without this script the button leads to a page that finds the same.
"use strict";

function buildPalette(source) {
  document.body.append(source.content.cloneNode(true));
  const dialog = $("#palette");
  const field = $("input", dialog);
  // Enter was pressed before the choices for the text had arrived.
  let entered = false;

  const choices = () => [...dialog.querySelectorAll("[role=option]")];
  const chosen = () => $("[role=option][aria-selected=true]", dialog);

  function choose(choice) {
    for (const each of choices()) each.setAttribute("aria-selected", String(each === choice));
    if (choice) field.setAttribute("aria-activedescendant", choice.id);
    else field.removeAttribute("aria-activedescendant");
    choice?.scrollIntoView({ block: "nearest" });
  }

  function move(by) {
    const all = choices();
    if (all.length > 0) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  function open() {
    const choice = chosen();
    if (!choice) return;
    // The page may come back from the browser's memory.
    dialog.close();
    choice.click();
  }

  const isUpToDate = () => $("[role=listbox]", dialog)?.dataset.search === field.value.trim();

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.elt !== field) return;
    const all = choices();
    all.forEach((choice, i) => (choice.id = `palette-choice-${i}`));
    field.setAttribute("aria-expanded", String(all.length > 0));
    choose(all[0]);
    say(`${all.length} found`);
    if (entered && isUpToDate()) {
      entered = false;
      open();
    }
  });

  field.addEventListener("input", () => (entered = false));

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (isUpToDate()) {
        open();
      } else {
        entered = true;
        htmx.trigger(field, "ask");
      }
    }
  });

  // A click outside of it closes it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  htmx.process(dialog);
  return dialog;
}

function showPalette(source) {
  // On the page that finds, its own field is enough.
  const own = $('main form[action$="/find"] input');
  if (own) {
    own.focus();
    own.select();
    return;
  }
  const dialog = $("#palette") ?? buildPalette(source);
  const field = $("input", dialog);
  if (!dialog.open) dialog.showModal();
  field.focus();
  field.select();
  htmx.trigger(field, "ask");
}

const paletteSource = $("template[data-palette]");
if (paletteSource) {
  const apple = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const key of document.querySelectorAll("[data-palette-opener] kbd")) if (apple) key.textContent = "\u2318 K";
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-palette-opener]")) return;
    event.preventDefault();
    showPalette(paletteSource);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() !== "k" || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return;
    // Another dialog has something that must not be left by mistake.
    if ($("dialog[open]:not(#palette)")) return;
    event.preventDefault();
    showPalette(paletteSource);
  });
}
