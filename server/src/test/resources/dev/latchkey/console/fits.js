// What does not fit on the page as it is now, in sentences. FitsTest asks.
"use strict";

window.misfits = () => {
  const SLACK = 1.5;
  const found = new Set();
  const root = document.querySelector("dialog[open]") ?? document.querySelector("main");
  const width = document.documentElement.clientWidth;

  const name = (element) => {
    const text = (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ");
    const cell = element.closest("td, th");
    const column = cell ? ` in column ${cell.cellIndex + 1}` : "";
    return `<${element.localName}${element.className ? ` class="${element.className.baseVal ?? element.className}"` : ""}> "${text.slice(0, 40)}"${column}`;
  };
  // Not seen, or for screen readers only.
  const hidden = (element) => {
    if (element.closest("option") || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return true;
    for (let around = element; around; around = around.parentElement) {
      if (getComputedStyle(around).clipPath === "inset(50%)") return true;
    }
    return false;
  };
  const clips = (style) => style.overflowX === "hidden" || style.overflowX === "clip";
  const scrolls = (style) => style.overflowX === "auto" || style.overflowX === "scroll";

  // Whether the whole of a cut text shows once the keyboard is there.
  const opens = (box) => {
    const target = box.closest("a[href], [tabindex='0'], button, summary");
    if (!target) return false;
    const before = document.activeElement;
    target.focus({ preventScroll: true, focusVisible: true });
    const whole = box.scrollWidth <= box.clientWidth + 1;
    before?.focus?.({ preventScroll: true });
    target.blur();
    return whole;
  };

  // A box of text or of a control, against everything that it lies in.
  const check = (box, element, what) => {
    if (box.width < 0.5) return;
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around);
      const outer = around.getBoundingClientRect();
      const over = box.right > outer.right + SLACK || box.left < outer.left - SLACK;
      if (scrolls(style) && around.localName !== "dialog") return;
      if (style.position === "fixed") return;
      if (!over || outer.width === 0 || style.display === "inline" || style.display === "contents") continue;
      if (clips(style) && style.textOverflow === "ellipsis") {
        if (!opens(around)) found.add(`${what} is cut, and the rest of it cannot be reached`);
        return;
      }
      if (around.matches("td, th")) found.add(`${what} is outside its cell`);
      if (around.matches(".card, dialog, .note")) found.add(`${what} is outside its card`);
      if (clips(style)) {
        found.add(`${what} is cut`);
        return;
      }
    }
    if (box.right > width + SLACK || box.left < -SLACK) found.add(`${what} is outside the viewport`);
  };

  // Short words, such as an email: a line may end after one, and not within.
  const whole = (text, element) => {
    if (!element.closest("td") || element.closest(".mono")) return;
    for (const word of text.data.matchAll(/\S+/g)) {
      if (word[0].length > 16 || /[/-]/.test(word[0])) continue;
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = [...range.getClientRects()].filter((rect) => rect.width > 0.5);
      if (lines.some((line) => line.top >= lines[0].bottom - 1)) found.add(`${name(element)} is broken within "${word[0]}"`);
    }
  };

  if (document.documentElement.scrollWidth > width) {
    found.add(`the page is ${document.documentElement.scrollWidth - width} px too wide`);
  }
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || hidden(element)) continue;
    range.selectNodeContents(texts.currentNode);
    check(range.getBoundingClientRect(), element, name(element));
    whole(texts.currentNode, element);
  }
  for (const control of root.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, .badge")) {
    if (!hidden(control)) check(control.getBoundingClientRect(), control, name(control));
  }

  // What can be done about a row: in view, and nothing lies over it.
  for (const action of root.querySelectorAll("tbody tr :is(a, button, input:not([type=hidden]), select)")) {
    if (hidden(action)) continue;
    action.scrollIntoView({ block: "center", inline: "nearest" });
    const box = [...action.getClientRects()].find((rect) => rect.width > 0);
    const hit = box && document.elementFromPoint(box.left + Math.min(box.width, 24) / 2, box.top + box.height / 2);
    if (!hit || !(action.contains(hit) || hit.closest("label")?.contains(action))) {
      found.add(`${name(action)} cannot be reached${hit ? `: ${name(hit)} is there` : ""}`);
    }
  }
  scrollTo(0, 0);
  // A box to tick touches neither its label nor the next line of it.
  for (const box of root.querySelectorAll("label > :is([type='checkbox'], [type='radio'])")) {
    const label = box.nextElementSibling;
    if (!label || hidden(box) || hidden(label)) continue;
    const lines = [...label.getClientRects()];
    const nearest = Math.min(...lines.map((line) => line.left));
    if (nearest < box.getBoundingClientRect().right + 3) found.add(`${name(label)} touches its box`);
  }
  return [...found];
};
