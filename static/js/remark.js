// Phrases for remarks: the list under the table follows the open editor, and
// the chosen phrase goes into it as if it were typed, so that whatever saves
// cells needs to know nothing of phrases.
(() => {
  "use strict";
  const bar = document.getElementById("grid-phrases"), grid = document.getElementById("grid");
  let timer, asked = "", typed = "";
  const put = (box, text) => {
    const value = box.value.trim();
    box.value = value && value !== typed ? value + " " + text : text;
    typed = "";
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  // The cell that a list outside of the grid is about: 12.TOAN.remark.
  const cellOf = (name) => {
    const [pupil, ...rest] = name.split("."), heads = [...grid.tHead.querySelectorAll("[data-cell]")];
    const at = heads.findIndex((h) => h.dataset.cell === rest.join("."));
    return at < 0 ? null : grid.querySelector(`tr[data-row="${pupil}"]`)?.cells[at + 2];
  };
  const editor = () => bar && grid.querySelector("td.edit textarea");
  const ask = (box) => {
    const td = box.closest("td"), cell = grid.tHead.querySelectorAll("[data-cell]")[td.cellIndex - 2].dataset.cell;
    const url = bar.dataset.url + "?" + new URLSearchParams({ item: cell.split(".")[0], pupil: td.parentNode.dataset.row, q: typed });
    if (bar.hidden) {
      bar.hidden = false; // the table gives it room
      td.scrollIntoView({ block: "nearest" });
    }
    if (url === asked) return;
    asked = url;
    htmx.ajax("GET", url, bar);
  };
  // A few letters call a phrase; a longer text is a remark that somebody writes.
  const LETTERS = 8;
  document.addEventListener("input", (event) => {
    const box = editor();
    if (event.target !== box || !event.isTrusted) return;
    const value = box.value.trim();
    typed = value.length <= LETTERS ? value : "";
    clearTimeout(timer);
    timer = setTimeout(() => box.isConnected && ask(box), 120);
  });
  document.addEventListener("focusin", (event) => {
    if (!bar) return;
    const box = editor();
    if (box && event.target === box) {
      if (!asked) htmx.trigger("#grid-found", "look");
      typed = "";
      ask(box);
    } else if (!bar.contains(event.target)) {
      bar.hidden = true;
    }
  });
  // The editor keeps the caret while a list is clicked.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-phrase]")) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const box = editor();
    if (!box || bar.hidden || event.target !== box || !event.altKey || !/^Digit[1-9]$/.test(event.code)) return;
    event.preventDefault();
    event.stopPropagation();
    const chosen = bar.querySelectorAll("[data-phrase]")[event.code.slice(5) - 1];
    if (chosen) put(box, chosen.dataset.phrase);
  }, true);
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-phrase]");
    if (!chosen) return;
    const td = grid && !bar.contains(chosen) && cellOf(chosen.closest("[data-cell]")?.dataset.cell ?? "");
    if (td && !td.matches(".edit")) {
      td.tabIndex = 0;
      td.focus(); // opens the editor
    }
    const box = chosen.dataset.for ? document.getElementById(chosen.dataset.for) : editor();
    if (!box) return;
    event.preventDefault();
    put(box, chosen.dataset.phrase);
  });
  // What the checks found comes anew after each save: a list that somebody reads
  // stays open, and stays put while the focus is in it.
  let reading = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "grid-found") return;
    reading = !!event.target.querySelector("details[open]");
    if (event.target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "grid-found") return;
    if (reading) event.target.querySelectorAll("details").forEach((list) => { list.open = true; });
    grid.querySelectorAll(".look").forEach((td) => td.classList.remove("look"));
    event.target.querySelectorAll("[data-found]").forEach((li) => cellOf(li.dataset.found)?.classList.add("look"));
  });
})();
