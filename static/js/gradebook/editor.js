// ---- the editor
for (const e of [input, area]) {
  e.className = "grid-box";
  e.autocomplete = "off";
}
area.rows = 2;
const rest = (td) => { if (editable(td)) td.tabIndex = 0; };
const close = () => {
  const td = box.parentNode;
  if (!td) return;
  commit();
  box.remove();
  paint(td);
  td.parentNode.classList.remove("now");
  td.classList.remove("edit");
  choose();
  rest(td);
};
const open = (td, edit = false) => {
  if (!editable(td)) return false;
  if (box.parentNode !== td) {
    close();
    body.querySelectorAll("td[tabindex]").forEach((e) => e.removeAttribute("tabindex"));
    shown(td);
    known(td);
    box = isRemark(td) ? area : input;
    box.inputMode = column(td).dataset.cell.endsWith(".mark") ? "numeric" : "text";
    box.ariaLabel = title(td);
    box.value = before = shown(td);
    td.replaceChildren(box);
    td.classList.add("edit");
    td.classList.remove("fresh");
    td.parentNode.classList.add("now");
    if (box === area) grow();
    const r = held.get(name(td));
    if (r && !note(r.cell)) addNote(td, r);
  }
  choose();
  box.focus();
  typing = edit && box === area;
  if (typing) box.setSelectionRange(box.value.length, box.value.length);
  else box.select();
  return true;
};
const grow = () => {
  area.rows = 1;
  while (area.rows < 8 && area.scrollHeight > area.clientHeight) area.rows++;
};
const commit = () => {
  const td = box.parentNode, value = box.value.trim();
  if (!td) return;
  if (value === before) return keep(name(td), unsaved(name(td)));
  before = box.value = value;
  write(td, value);
  box.value = before = shown(td);
};
const write = (td, value) => doing("one", () => {
  const cell = name(td), old = known(td);
  td.classList.remove("stale", "refused", "fresh");
  show(td, value);
  put(cell, old, value);
});
// A letter takes the place of the level, wherever the caret stood.
const letter = (td, typed) => {
  const letters = column(td).dataset.letters, key = typed?.trim().toUpperCase();
  if (!letters || key?.length !== 1) return "";
  if (letters.includes(key)) return key;
  return key === "D" && letters.includes("Đ") ? "Đ" : "";
};

const step = (td, down, right) => {
  const rows = pupils(), wide = columns.length;
  let r = rows.indexOf(td.parentNode), c = td.cellIndex - 2;
  for (;;) {
    r += down;
    c += right;
    if (right && (c < 0 || c >= wide)) {
      c = c < 0 ? wide - 1 : 0;
      r += right;
    }
    if (r < 0 || r >= rows.length) return false;
    const next = rows[r].cells[c + 2];
    if (editable(next)) return open(next);
  }
};
const stay = () => {
  commit();
  box.select();
};
const arrows = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
const keys = {
  Enter: (td, e) => step(td, e.shiftKey ? -1 : 1, 0) || stay(),
  Tab: (td, e) => step(td, 0, e.shiftKey ? -1 : 1) || "leave",
  F2: () => {
    typing = true;
    box.setSelectionRange(box.value.length, box.value.length);
  },
  Escape: (td) => {
    if (box.value === before && !typing) {
      if (choose()) return;
      close();
      td.parentNode.querySelector("a").focus();
      return;
    }
    box.value = before;
    typing = false;
    stay();
  },
};
body.addEventListener("keydown", (event) => {
  const td = box.parentNode, key = event.key, ctrl = event.ctrlKey || event.metaKey;
  if (event.target !== box || !td || event.isComposing) return;
  if (event.altKey) {
    if (key !== "Enter" || box !== area) return;
    area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end"); // a line break, as spreadsheets have it
    edited(td);
  } else if (ctrl) {
    const act = { d: fillDown, z: undo }[key.toLowerCase()];
    if (!act || act === undo && box.value !== before) return;
    act();
  } else if (arrows[key]) {
    if (typing) return;
    if (event.shiftKey) stretch(...arrows[key]);
    else step(td, ...arrows[key]);
  } else if (key === "Delete" && chosen) {
    clear();
  } else if (!keys[key] || keys[key](td, event) === "leave") {
    return;
  }
  event.preventDefault();
});
// What is typed is kept from the first letter on, not only when it is sent.
const edited = (td) => {
  typing = typing || box === area;
  if (box === area) grow();
  const cell = name(td), steps = unsaved(cell) || [];
  keep(cell, box.value === before ? steps : [...steps, [steps.at(-1)?.[1] ?? known(td), box.value]]);
};
body.addEventListener("input", (event) => {
  if (event.target !== box) return;
  const td = box.parentNode, key = letter(td, event.data || box.value);
  choose();
  edited(td);
  if (!key || event.isComposing) return;
  box.value = key;
  step(td, 1, 0) || stay();
});
body.addEventListener("focusin", (event) => {
  if (event.target.tagName === "TD") open(event.target);
});
body.addEventListener("focusout", (event) => {
  if (event.target !== box) return;
  commit();
  setTimeout(() => { if (document.activeElement !== box && document.hasFocus()) close(); });
});
