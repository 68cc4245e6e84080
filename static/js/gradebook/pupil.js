// ---- jump to a pupil by a few letters without diacritics
const finder = byId("grid-find"), wanted = finder.querySelector("input"), matches = finder.querySelector("ul");
const plain = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
let from = 0, at = 0, back = null;
const mark = (n) => {
  const all = [...matches.children];
  at = (n + all.length) % all.length || 0;
  all.forEach((e, i) => { e.ariaSelected = i === at; });
  wanted.setAttribute("aria-activedescendant", all.length ? "grid-find-" + at : "");
};
const look = () => {
  const words = plain(wanted.value).split(" ").filter(Boolean);
  matches.replaceChildren();
  for (const row of pupils()) {
    const label = nameOf(row), parts = plain(label).split(" ");
    parts.push(parts.map((p) => p[0]).join(""));
    if (matches.children.length > 7 || !words.every((w) => parts.some((p) => p.startsWith(w)))) continue;
    const item = document.createElement("li");
    item.id = "grid-find-" + matches.children.length;
    item.role = "option";
    item.textContent = label;
    item.row = row;
    matches.append(item);
  }
  mark(0);
};
const jump = (item) => {
  if (!item) return;
  const cells = [...item.row.cells].slice(2);
  finder.close();
  open([cells[from], ...cells].find(editable)) || item.row.querySelector("a").focus();
};
const ask = (dialog) => {
  back = box.parentNode;
  from = back ? back.cellIndex - 2 : 0;
  dialog.showModal();
};
wanted.addEventListener("input", look);
matches.addEventListener("click", (event) => jump(event.target.closest("li")));
wanted.addEventListener("keydown", (event) => {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (move) mark(at + move);
  else if (event.key === "Enter") jump(matches.children[at]);
  else return;
  event.preventDefault();
});

// ---- the panel of one pupil
const panel = byId("grid-panel");
const showPupil = (row, td) => {
  commit();
  panel.from = td || row.cells[0].firstElementChild;
  const url = data.url + "rows/" + row.dataset.row, cell = td && column(td).dataset.cell;
  const read = () => busy ? setTimeout(read, 50) : // what was just typed belongs to the past of its cell
    htmx.ajax("GET", url + location.search + (cell ? (location.search ? "&" : "?") + "cell=" + cell : ""), panel);
  read();
};
panel.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-panel]")) return;
  event.preventDefault();
  panel.replaceChildren();
  open(panel.from) || panel.from.focus();
});
for (const row of pupils()) {
  const button = document.createElement("button"), first = row.cells[0];
  button.type = "button";
  button.tabIndex = -1;
  button.textContent = first.textContent;
  button.ariaLabel = fill(data.panel, { n: first.textContent, name: nameOf(row) });
  button.addEventListener("click", () => showPupil(row));
  first.replaceChildren(button);
}

// ---- keys that work wherever nothing is being typed
const help = byId("grid-help");
line.querySelector("[data-help]").addEventListener("click", () => ask(help));
for (const dialog of [finder, help]) dialog.addEventListener("close", () => box.parentNode || open(back));
document.addEventListener("keydown", (event) => {
  const free = event.target === box ? !typing : !event.target.closest("input,textarea,select,dialog");
  if (event.key === "F8") {
    const td = box.parentNode, row = (td || event.target).closest("tr[data-row]");
    if (!row) return;
    showPupil(row, td);
  } else if (event.ctrlKey || event.metaKey || event.altKey || !free) {
    return;
  } else if (event.key === "/") {
    wanted.value = "";
    look();
    ask(finder);
  } else if (event.key === "?") {
    ask(help);
  } else return;
  event.preventDefault();
});

// ---- begin
addEventListener("online", flush);
addEventListener("focus", flush);
addEventListener("pagehide", commit);
addEventListener("beforeunload", (event) => { if (forgetful && queue.size) event.preventDefault(); });
rest([...body.querySelectorAll("tr[data-row] td")].find(editable));
listen();
tell();
