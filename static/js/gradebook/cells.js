// The grid of the gradebook: one editor that moves from cell to cell, saves in
// the background, and a store in the browser for what the server does not have
// yet. It knows no words: sentences stand in the page. What is stored holds
// numbers of pupils and values, never a name. The files of this folder are
// joined into one function, in the order that static/script.go names.
const table = document.getElementById("grid"), line = document.getElementById("grid-line");
if (!table || !line) return;
const data = table.dataset, body = table.tBodies[0], columns = [...table.tHead.querySelectorAll("[data-cell]")];
const byId = (id) => document.getElementById(id);

// ---- cells
const column = (td) => columns[td.cellIndex - 2];
const isRemark = (td) => column(td).dataset.cell.endsWith(".remark");
const editable = (td) => "open" in data && td?.tagName === "TD" && td.cellIndex > 1 && column(td) &&
  td.parentNode.dataset.row && !td.matches(".no,.shut") && !td.parentNode.matches(".shut") && !("theirs" in column(td).dataset);
const name = (td) => td.parentNode.dataset.row + "." + column(td).dataset.cell;
const nameOf = (row) => row.querySelector("a").textContent;
const title = (td) => (column(td).abbr || column(td).dataset.name) + " · " + nameOf(td.parentNode);
const find = (cell) => {
  const dot = cell.indexOf("."), row = body.querySelector(`[data-row="${CSS.escape(cell.slice(0, dot))}"]`);
  const at = columns.findIndex((c) => c.dataset.cell === cell.slice(dot + 1));
  return row && at >= 0 ? row.cells[at + 2] : null;
};
const pupils = () => [...body.rows].filter((r) => r.dataset.row);

// What the person sees, and what the server is known to hold.
const shown = (td) => td.value ?? (td.value = td.matches(".no") ? "" : td.textContent);
const known = (td) => td.known ?? (td.known = shown(td));
const icon = (kind) => line.parentNode.querySelector(`[data-icon="${kind}"]`).content.cloneNode(true);
const paint = (td) => {
  if (box.parentNode === td) {
    if (box.value !== before) return; // typing goes on over what it began with
    const from = box.selectionStart, whole = box.selectionEnd - from === box.value.length;
    box.value = before = shown(td);
    if (document.activeElement !== box) return;
    if (whole) box.select();
    else box.setSelectionRange(from, from);
    return;
  }
  td.textContent = shown(td);
  if (td.matches(".stale,.refused")) td.prepend(icon(td.matches(".stale") ? "warn" : "stop"));
};
const show = (td, value) => {
  known(td);
  td.value = value;
  paint(td);
};

// ---- the editor's box; what it held when it was opened or last written
const input = document.createElement("input"), area = document.createElement("textarea");
let box = input, before = "", typing = false;

// ---- sentences of the page
const fill = (sentence, words) => sentence.replace(/{(\w+)}/g, (_, key) => words[key] ?? "");
const fillIn = (root, words) => root.querySelectorAll("[data-fill]").forEach((e) => {
  const value = words[e.dataset.fill] ?? "";
  e.textContent = value === "" ? e.dataset.none || "" : "short" in e.dataset && value.length > 12 ? "" : value;
});
const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);
// A banner over the table with one line for each item.
const post = (id, words, items) => {
  const banner = copyOf(id), list = banner.querySelector("ul"), line = list.firstElementChild;
  byId(id + "-now")?.remove();
  banner.id = id + "-now";
  fillIn(banner.querySelector(".banner-title"), words);
  items.forEach((item) => {
    const one = line.cloneNode(true);
    one.item = item;
    fillIn(one, { ...item, name: title(find(item.cell)) });
    list.append(one);
  });
  line.remove();
  table.parentNode.before(banner);
  return banner;
};
