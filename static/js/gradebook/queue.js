// ---- what the server does not have yet: cell -> {steps: [[old, new], …], sent: how many of them are on their way, at};
// what it did not take: cell -> its answer, with mine; what an earlier visit left: cell -> steps
const WEEK = 7 * 24 * 3600e3, BATCH = 1800, PREFIX = data.store, tab = Math.random().toString(36).slice(2, 12);
const queue = new Map(), held = new Map(), left = new Map();
let busy = false, wait = 0, timer, trouble = "", last = "", forgetful = false;
const keep = (cell, steps, at = Date.now()) => {
  try {
    if (steps?.length) localStorage.setItem(PREFIX + cell, JSON.stringify([steps, at]));
    else localStorage.removeItem(PREFIX + cell);
  } catch { forgetful = true; } // storage is full or forbidden: the queue still lives in the page
};
const unsaved = (cell) => queue.get(cell)?.steps ?? (held.has(cell) ? [[held.get(cell).theirs, held.get(cell).mine]] : left.get(cell));
const put = (cell, old, value) => {
  held.delete(cell);
  const entry = queue.get(cell) || { steps: [], sent: 0, at: Date.now() }, end = entry.steps.at(-1);
  if (entry.steps.length > entry.sent) end[1] = value;
  else {
    entry.steps.push([end ? end[1] : old, value]);
    queue.delete(cell); // the order of acts is the order of cells
  }
  queue.set(cell, entry);
  keep(cell, entry.steps, entry.at);
  find(cell)?.classList.add("sending");
  note(cell)?.remove();
  remember(cell, old, value);
};
const drop = (cell) => {
  queue.delete(cell);
  held.delete(cell);
  keep(cell);
  const td = find(cell);
  if (td) {
    td.classList.remove("sending", "stale", "refused");
    paint(td);
  }
  note(cell)?.remove();
  tell();
};

const flush = async () => {
  clearTimeout(timer);
  if (busy || !queue.size) return;
  busy = true;
  const form = new URLSearchParams({ account: data.account, tab });
  let n = 0;
  for (const [cell, entry] of queue) {
    if ((n += entry.steps.length) > BATCH) break;
    for (const [old, value] of entry.steps) {
      form.append("cell", cell);
      form.append("old", old);
      form.append("new", value);
    }
    entry.sent = entry.steps.length;
  }
  tell();
  let answer, status = 0;
  try {
    const text = form.toString();
    const response = await fetch(data.url + "cells", {
      method: "PUT", body: text, keepalive: text.length < 6e4, signal: AbortSignal.timeout(2e4),
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    });
    status = response.status;
    if ([200, 409, 422, 423].includes(status)) answer = await response.json().catch(() => null);
  } catch { } // no line: status stays 0
  busy = false;
  if (answer?.saved) {
    trouble = "";
    wait = 0;
    last = answer.at;
    answer.saved.forEach((s) => settle(s.cell, s.value));
    answer.refused.forEach(refuse);
    document.body.dispatchEvent(new Event("cells-saved"));
    tell();
    flush();
    return;
  }
  trouble = status === 401 ? "session" : status >= 400 && status < 500 && status !== 429 ? "stuck" : "offline";
  wait = Math.min(30, wait * 2 || 2);
  timer = setTimeout(flush, wait * 1000 * (1 + Math.random() / 4));
  tell();
};
const settle = (cell, value) => {
  const entry = queue.get(cell), td = find(cell);
  answered(cell);
  td.known = value;
  // Steps that were on their way are answered; later ones stay.
  entry?.steps.splice(0, entry.sent);
  if (entry?.steps.length) {
    entry.sent = 0;
    return keep(cell, entry.steps, entry.at);
  }
  drop(cell);
  show(td, value);
};
const refuse = (r) => {
  const entry = queue.get(r.cell), td = find(r.cell), stale = r.code === "cell.stale";
  r.mine = entry ? entry.steps.at(-1)[1] : "";
  queue.delete(r.cell);
  td.classList.remove("sending");
  const block = answered(r.cell, r);
  if (td.matches(".no")) return keep(r.cell); // pasted where nothing can stand: the report names it
  held.set(r.cell, r);
  keep(r.cell, unsaved(r.cell), entry?.at);
  td.known = r.theirs;
  td.classList.toggle("stale", stale);
  td.classList.toggle("refused", !stale);
  paint(td);
  if (stale || !block) addNote(td, r);
};

// ---- rows under a pupil
const note = (cell) => body.querySelector(`[data-note="${CSS.escape(cell)}"]`);
const addNote = (td, r) => {
  note(r.cell)?.remove();
  const row = copyOf(r.code === "cell.stale" ? "grid-stale" : "grid-refused");
  fillIn(row, { ...r, name: column(td).abbr || column(td).textContent });
  row.dataset.note = r.cell;
  row.id = "note-" + r.cell;
  let after = td.parentNode;
  while (after.nextElementSibling?.matches(".cell-note")) after = after.nextElementSibling;
  after.after(row);
};
body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const cell = button.closest("tr").dataset.note, { mine, theirs } = held.get(cell) || {}, td = find(cell);
  if (button.dataset.act === "mend") return open(td, true);
  drop(cell);
  if (button.dataset.act === "keep") doing("one", () => put(cell, theirs, mine));
  else show(td, theirs);
  open(td);
});

// ---- the saving line
const live = line.querySelector("[data-live]"), state = line.querySelector("[data-state]"), aside = line.querySelector("[data-said]");
const say = (sentence) => {
  aside.textContent = sentence;
  tell();
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { aside.textContent = ""; }, 12e3);
};
const tell = () => {
  clearTimeout(tell.soon); // once for all answers of a block
  tell.soon = setTimeout(telling);
};
const telling = () => {
  const n = queue.size, words = line.dataset;
  const kind = trouble && n ? trouble : n ? "saving" : last ? "saved" : "";
  const sentence = kind ? fill(words[kind], { n, at: last }) : "";
  state.className = "grid-state " + ({ saved: "is-ok", saving: "is-neutral" }[kind] || "is-wait");
  state.replaceChildren(...(kind ? [icon({ saved: "tick", saving: "clock" }[kind] || "warn"), sentence] : []));
  line.querySelector("[data-sign-in]").hidden = kind !== "session";
  const look = line.querySelector("[data-look-link]");
  look.hidden = !held.size;
  look.textContent = fill(words.look, { n: held.size });
  line.querySelector("[data-empty]").textContent = empty();
  // Read out only what stays for a second, so that typing is not talked over.
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => {
    const spoken = [aside.textContent, kind === "saving" ? "" : sentence, held.size ? look.textContent : ""].filter(Boolean).join(". ");
    if (spoken && live.textContent !== spoken) live.textContent = spoken;
  }, 1000);
};
line.querySelector("[data-look-link]").addEventListener("click", (event) => {
  event.preventDefault();
  const next = body.querySelector("td.stale,td.refused");
  if (next) open(next, true) || next.scrollIntoView({ block: "center" });
});
const empty = () => {
  let n = 0;
  for (const row of pupils()) {
    for (const td of row.cells) if (column(td)?.matches("[data-required]") && !td.matches(".no,.op") && shown(td) === "") n++;
  }
  return n;
};
