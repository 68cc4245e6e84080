// ---- acts: what one key, one paste, one fill did; the last fifty can be undone
const acts = [], reports = [];
let act = null;
const doing = (kind, work) => {
  if (act) return work(); // part of a larger act
  act = { kind, cells: new Map(), count: 0, outside: 0, refused: [] };
  work();
  const done = act;
  act = null;
  if (done.cells.size && kind !== "undo" && acts.push(done) > 50) acts.shift();
  if (kind !== "one") {
    done.waiting = new Set(done.cells.keys());
    reports.push(done);
    report();
  }
  tell();
  flush();
};
const remember = (cell, old, value) => act?.cells.set(cell, [act.cells.get(cell)?.[0] ?? old, value]);
// Tells the reports about an answer; true when a block waited for it.
const answered = (cell, r) => {
  let block = false;
  for (const a of new Set([...acts, ...reports])) {
    if (r && a.cells.get(cell)?.[1] === r.mine) {
      a.cells.delete(cell);
      a.refused.push(r);
    }
    block = a.waiting?.delete(cell) || block;
  }
  report();
  return block;
};
const report = () => {
  while (reports.length && !reports[0].waiting.size) {
    const a = reports.shift(), no = a.refused.length, n = a.count - no;
    const said = fill(line.dataset[a.kind], { n }) + (no ? fill(line.dataset.no, { n: no }) : "") +
      (a.outside ? fill(line.dataset.outside, { n: a.outside }) : "");
    say(said);
    if (!no && !a.outside) continue;
    const banner = post("grid-report", { said }, a.refused);
    banner.addEventListener("click", ({ target }) => {
      const one = target.closest("li");
      if (one) return open(find(one.item.cell), true);
      if (!target.closest("button")) return;
      banner.remove();
      if (target.closest("[data-back]")) undo(a);
    });
  }
};
const undo = (which) => {
  const a = which || acts.at(-1);
  if (!a) return say(line.dataset.nothing);
  acts.splice(acts.indexOf(a), 1);
  doing("undo", () => {
    act.count = a.cells.size + a.refused.length;
    for (const [cell, [old, value]] of a.cells) {
      show(find(cell), old);
      put(cell, value, old);
    }
    for (const { cell, theirs } of a.refused) if (held.has(cell)) {
      drop(cell);
      show(find(cell), theirs);
    }
  });
  const td = [...a.cells.keys()].map(find).find(editable);
  if (td) open(td);
};

// ---- a block of cells: from the editor's cell to another corner
let chosen = null, dragging = false;
const place = (td) => [pupils().indexOf(td.parentNode), td.cellIndex - 2];
// Returns whether there was a block that is no longer chosen.
const choose = (td) => {
  const was = chosen, at = box.parentNode;
  chosen = td && td !== at ? td : null;
  if (was || chosen) {
    body.querySelectorAll(".sel").forEach((e) => e.classList.remove("sel"));
    if (chosen) block().flat().forEach((e) => e.classList.add("sel"));
  }
  if (chosen) say(fill(line.dataset.chosen, { n: block().length + " × " + block()[0].length }));
  return was;
};
const block = () => {
  const [r, c] = place(box.parentNode), [r2, c2] = place(chosen || box.parentNode);
  return pupils().slice(Math.min(r, r2), Math.max(r, r2) + 1).map((row) =>
    [...row.cells].slice(2 + Math.min(c, c2), 3 + Math.max(c, c2)));
};
const stretch = (down, right) => {
  commit();
  const [r, c] = place(chosen || box.parentNode), rows = pupils();
  const row = rows[Math.min(Math.max(r + down, 0), rows.length - 1)];
  const td = row.cells[2 + Math.min(Math.max(c + right, 0), columns.length - 1)];
  choose(td);
  td.scrollIntoView({ block: "nearest", inline: "nearest" });
};
body.addEventListener("mousedown", (event) => {
  const td = event.target.closest("td");
  if (!td || event.target === area || event.button || event.target.closest("button")) return;
  if (event.shiftKey && box.parentNode && column(td)) {
    event.preventDefault();
    choose(td);
  } else if (editable(td)) {
    event.preventDefault();
    dragging = open(td, true);
  } else if (td.parentNode.dataset.row) {
    td.parentNode.classList.toggle("now");
  }
});
body.addEventListener("mouseover", (event) => {
  const td = event.target.closest("td");
  if (!dragging || !(event.buttons & 1)) dragging = false;
  else if (box.parentNode && td && td.cellIndex > 1 && column(td) && td.parentNode.dataset.row) {
    commit();
    typing = false;
    box.select();
    choose(td);
  }
});

// ---- to and from spreadsheets: tabs between cells, newlines between rows, quotes around cells that hold either
const parse = (pasted) => {
  const rows = [[]], clean = pasted.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (const [all, quoted, plain, end] of clean.matchAll(/(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))(\t|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : /[\t\n]|""/.test(quoted) ? quoted.replaceAll('""', '"') : all.slice(0, all.length - end.length));
    if (end === "\n") rows.push([]);
    else if (!end) return rows;
  }
  return rows;
};
const enter = (td, value) => {
  act.count++;
  value = value.trim();
  if (editable(td)) value === shown(td) || write(td, value);
  else if (!td.matches(".no")) value === shown(td) || (show(td, value), put(name(td), known(td), value));
  else if (value) put(name(td), "", value);
};
const paste = (rows) => doing("paste", () => {
  const [r, c] = place(block()[0][0]), all = pupils(), one = rows.length === 1 && rows[0].length === 1;
  if (one) return block().flat().forEach((td) => enter(td, rows[0][0]));
  rows.forEach((values, i) => values.forEach((value, j) => {
    const td = c + j < columns.length && all[r + i]?.cells[c + j + 2];
    if (td) enter(td, value);
    else act.outside++;
  }));
});
const fillDown = () => {
  commit();
  const rows = block(), [r, c] = place(rows[0][0]);
  const source = rows.length > 1 ? rows.shift() : [...pupils()[r - 1]?.cells ?? []].slice(2 + c, 2 + c + rows[0].length);
  if (source.length) doing("down", () => rows.forEach((row) => row.forEach((td, i) => editable(td) && enter(td, shown(source[i])))));
};
const clear = () => doing("clear", () => block().flat().forEach((td) => editable(td) && enter(td, "")));
body.addEventListener("paste", (event) => {
  const from = event.clipboardData;
  if (event.target !== box || typing && !/<table/i.test(from.getData("text/html"))) return;
  event.preventDefault();
  commit();
  paste(parse(from.getData("text/plain")));
  before = box.value = shown(box.parentNode);
  box.select();
});
body.addEventListener("copy", (event) => {
  if (event.target !== box || !chosen) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", block().map((row) => row.map((td) => {
    const value = td.matches(".ex") ? td.textContent : shown(td);
    return /[\t\n"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }).join("\t")).join("\n"));
});
