// The grid of the gradebook: one editor that moves from cell to cell, saves in
// the background, and a store in the browser for what the server does not have
// yet. It knows no words: sentences stand in the page. What is stored holds
// numbers of pupils and values, never a name.
(() => {
  "use strict";
  const table = document.getElementById("grid"), line = document.getElementById("grid-line");
  if (!table || !line || !table.dataset.url) return;
  const WEEK = 7 * 24 * 3600e3, PREFIX = table.dataset.store, BATCH = 200;
  const body = table.tBodies[0], columns = [...table.tHead.querySelectorAll("[data-cell]")];
  const live = line.querySelector("[data-live]"), state = line.querySelector("[data-state]");

  // ---- cells
  const column = (td) => columns[td.cellIndex - 2];
  const isRemark = (td) => column(td).dataset.cell.endsWith(".remark");
  const editable = (td) => "open" in table.dataset && td?.tagName === "TD" && td.cellIndex > 1 && column(td) &&
    td.parentNode.dataset.row && !td.matches(".no") && !td.parentNode.matches(".shut");
  const name = (td) => td.parentNode.dataset.row + "." + column(td).dataset.cell;
  const pupil = (td) => td.parentNode.querySelector("a").textContent;
  const exempt = (td) => column(td).dataset.exempt && td.parentNode.dataset.row + "." + column(td).dataset.exempt;
  // A cell's own value, as against Miễn, which is kept beside the level.
  const own = (td, cell) => cell === name(td);
  const find = (cell) => {
    const dot = cell.indexOf("."), row = body.querySelector(`[data-row="${CSS.escape(cell.slice(0, dot))}"]`);
    const at = columns.findIndex((c) => [c.dataset.cell, c.dataset.exempt].includes(cell.slice(dot + 1)));
    return row && at >= 0 ? row.cells[at + 2] : null;
  };
  // What the person sees, and what the server is known to hold.
  const shown = (td) => td.value ?? (td.value = td.matches(".ex") ? "" : td.textContent);
  const known = (td) => td.known ?? (td.known = shown(td));
  const icon = (kind) => line.parentNode.querySelector(`[data-icon="${kind}"]`).content.cloneNode(true);
  const paint = (td) => {
    if (box.parentNode === td) return;
    td.textContent = td.matches(".ex") ? word : shown(td);
    if (td.matches(".stale,.refused")) td.prepend(icon(td.matches(".stale") ? "warn" : "stop"));
  };
  const show = (td, value) => {
    known(td);
    td.value = value;
    paint(td);
  };
  const word = table.dataset.exempt;
  const setExempt = (td, on) => {
    known(td);
    td.classList.toggle("ex", on);
    if (on) td.value = "";
    paint(td);
  };

  // ---- the queue: cell -> {steps: [[old, new], …], sent: how many of them are on their way, at}
  const queue = new Map(), held = new Map();
  let busy = false, wait = 0, timer, trouble = "", last = "";
  const keep = (cell, entry) => {
    try {
      if (entry) localStorage.setItem(PREFIX + cell, JSON.stringify([entry.steps, entry.at]));
      else localStorage.removeItem(PREFIX + cell);
    } catch { /* storage is full or forbidden: the queue still lives in the page */ }
  };
  const put = (cell, old, value) => {
    held.delete(cell);
    let entry = queue.get(cell);
    if (!entry) entry = { steps: [], sent: 0, at: Date.now() };
    const end = entry.steps.at(-1);
    if (entry.steps.length > entry.sent) end[1] = value;
    else entry.steps.push([end ? end[1] : old, value]);
    queue.set(cell, entry);
    keep(cell, entry);
    find(cell)?.classList.add("sending");
    tell();
    flush();
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
    const form = new URLSearchParams({ account: table.dataset.account }), batch = [...queue].slice(0, BATCH);
    for (const [cell, entry] of batch) {
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
      const response = await fetch(table.dataset.url, {
        method: "PUT", body: text, keepalive: text.length < 6e4,
        headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      });
      status = response.status;
      if ([200, 409, 422, 423].includes(status)) answer = await response.json().catch(() => null);
    } catch { /* no line: status stays 0 */ }
    busy = false;
    if (answer?.saved) {
      trouble = "";
      wait = 0;
      last = answer.at;
      answer.saved.forEach((s) => settle(s.cell, s.value));
      answer.refused.forEach(refuse);
      tell();
      flush();
      return;
    }
    trouble = status === 401 ? "session" : status >= 400 && status < 500 && status !== 429 ? "stuck" : "offline";
    wait = Math.min(30, wait * 2 || 2);
    timer = setTimeout(flush, wait * 1000);
    tell();
  };
  // Steps that were on their way are answered; later ones stay.
  const answered = (cell) => {
    const entry = queue.get(cell);
    if (!entry) return null;
    entry.steps.splice(0, entry.sent);
    entry.sent = 0;
    return entry;
  };
  const settle = (cell, value) => {
    const entry = answered(cell), td = find(cell);
    if (td && own(td, cell)) td.known = value;
    if (entry?.steps.length) return keep(cell, entry);
    drop(cell);
    if (td && own(td, cell) && !td.matches(".ex")) show(td, value);
  };
  const refuse = (r) => {
    const entry = queue.get(r.cell), td = find(r.cell), mine = entry ? entry.steps.at(-1)[1] : "";
    queue.delete(r.cell);
    if (!td) return keep(r.cell);
    held.set(r.cell, { mine, theirs: r.theirs });
    if (own(td, r.cell)) td.known = r.theirs;
    td.classList.remove("sending");
    td.classList.add(r.code === "cell.stale" ? "stale" : "refused");
    paint(td);
    addNote(td, r, mine);
  };

  // ---- rows under a pupil
  const note = (cell) => body.querySelector(`[data-note="${CSS.escape(cell)}"]`);
  const addNote = (td, r, mine) => {
    note(r.cell)?.remove();
    const kind = document.getElementById(r.code === "cell.stale" ? "grid-stale" : "grid-refused");
    const row = kind.content.firstElementChild.cloneNode(true);
    const words = { ...r, mine, name: column(td).textContent };
    row.querySelectorAll("[data-fill]").forEach((e) => {
      const text = words[e.dataset.fill] ?? "";
      e.textContent = text === "" ? e.dataset.none || "" : "short" in e.dataset && text.length > 12 ? "" : text;
    });
    row.dataset.note = r.cell;
    row.id = "note-" + r.cell;
    let after = td.parentNode;
    while (after.nextElementSibling?.matches(".note")) after = after.nextElementSibling;
    after.after(row);
  };
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const cell = button.closest("tr").dataset.note, { mine, theirs } = held.get(cell) || {}, td = find(cell);
    const plain = own(td, cell);
    if (button.dataset.act === "mend") return open(td, true);
    drop(cell);
    if (button.dataset.act === "keep") {
      put(cell, theirs, mine);
    } else if (plain) {
      show(td, theirs);
    } else {
      setExempt(td, theirs === "1");
    }
    open(td);
  });

  // ---- the saving line
  const fill = (text, n) => text.replace("{n}", n).replace("{at}", last);
  const tell = () => {
    const n = queue.size, say = line.dataset;
    const kind = trouble && n ? trouble : n ? "saving" : last ? "saved" : "";
    const text = kind ? fill(say[kind], n) : "";
    state.className = "grid-state " + ({ saved: "is-ok", saving: "is-neutral" }[kind] || "is-wait");
    state.replaceChildren(...(kind ? [icon({ saved: "tick", saving: "clock" }[kind] || "warn"), text] : []));
    line.querySelector("[data-sign-in]").hidden = kind !== "session";
    const look = line.querySelector("[data-look-link]"), first = body.querySelector(".note");
    look.hidden = !held.size;
    look.textContent = fill(say.look, held.size);
    if (first) look.href = "#" + first.id;
    line.querySelector("[data-empty]").textContent = empty();
    // Read out only what stays for a second, so that typing is not talked over.
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => {
      const spoken = [kind === "saving" ? "" : text, held.size ? look.textContent : ""].filter(Boolean).join(". ");
      if (spoken && live.textContent !== spoken) live.textContent = spoken;
    }, 1000);
  };
  const empty = () => {
    let n = 0;
    columns.forEach((c, i) => {
      if (!("required" in c.dataset)) return;
      for (const row of body.rows) {
        const td = row.dataset.row && row.cells[i + 2];
        if (td && !td.matches(".no,.ex,.op") && !row.querySelector(".ex") && shown(td) === "") n++;
      }
    });
    return n;
  };

  // ---- the editor
  const input = document.createElement("input"), area = document.createElement("textarea");
  let box = input, typing = false;
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
      box.setAttribute("aria-label", column(td).dataset.name + " · " + pupil(td));
      box.value = td.matches(".ex") ? word : shown(td);
      td.replaceChildren(box);
      td.classList.add("edit");
      td.parentNode.classList.add("now");
      if (box === area) grow();
    }
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
    const td = box.parentNode;
    if (!td) return;
    const value = box.value.trim();
    if (value === (td.matches(".ex") ? word : shown(td))) return;
    write(td, value);
  };
  // Miễn stands beside level and mark: they are emptied before it is set, and
  // it is taken away before a level is written.
  const write = (td, value) => {
    const x = exempt(td);
    if (x && (value.toLowerCase() === "m" || value === word)) {
      if (td.matches(".ex")) return;
      const row = td.parentNode;
      columns.forEach((c, i) => {
        const other = row.cells[i + 2];
        if (c.dataset.cell.endsWith(".remark") || other.matches(".no") || shown(other) === "") return;
        put(name(other), known(other), "");
        show(other, "");
      });
      put(x, "", "1");
      return setExempt(td, true);
    }
    if (x && td.matches(".ex")) {
      put(x, "1", "");
      setExempt(td, false);
    }
    const cell = name(td);
    td.classList.remove("stale", "refused");
    note(cell)?.remove();
    const old = known(td);
    show(td, value);
    put(cell, old, value);
  };
  // A letter takes the place of the level, wherever the caret stood.
  const letter = (td, text) => {
    const letters = column(td).dataset.letters, key = text?.trim().toUpperCase();
    if (!letters || key?.length !== 1) return "";
    if (letters.includes(key)) return key;
    if (key === "D" && letters.includes("Đ")) return "Đ";
    return key === "M" && exempt(td) ? "M" : "";
  };

  const step = (td, down, right) => {
    const rows = [...body.rows].filter((r) => r.dataset.row), wide = columns.length;
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
  const keys = {
    Enter: (td, e) => step(td, e.shiftKey ? -1 : 1, 0) || stay(),
    Tab: (td, e) => step(td, 0, e.shiftKey ? -1 : 1) || "leave",
    ArrowDown: (td) => step(td, 1, 0),
    ArrowUp: (td) => step(td, -1, 0),
    ArrowRight: (td) => step(td, 0, 1),
    ArrowLeft: (td) => step(td, 0, -1),
  };
  body.addEventListener("keydown", (event) => {
    const td = box.parentNode;
    if (event.target !== box || !td || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const key = event.key;
    if (key === "Escape") {
      const before = td.matches(".ex") ? word : shown(td);
      if (box.value === before && !typing) {
        close();
        td.parentNode.querySelector("a").focus();
        return;
      }
      box.value = before;
      typing = false;
      box.select();
      return;
    }
    if (key === "F2") {
      typing = true;
      box.setSelectionRange(box.value.length, box.value.length);
    } else if (!keys[key] || typing && key.startsWith("Arrow")) {
      return;
    } else if (keys[key](td, event) === "leave") {
      return;
    }
    event.preventDefault();
  });
  body.addEventListener("input", (event) => {
    if (event.target !== box) return;
    const td = box.parentNode, key = letter(td, event.data || box.value);
    typing = box === area;
    if (typing) grow();
    if (!key || event.isComposing) return;
    box.value = key;
    commit();
    if (!step(td, 1, 0)) stay();
  });
  body.addEventListener("focusin", (event) => {
    if (event.target.tagName === "TD") open(event.target);
  });
  body.addEventListener("focusout", (event) => {
    if (event.target !== box) return;
    commit();
    setTimeout(() => { if (document.activeElement !== box && document.hasFocus()) close(); });
  });
  body.addEventListener("mousedown", (event) => {
    const td = event.target.closest("td");
    if (!td || event.target === area || event.button) return;
    if (editable(td)) {
      event.preventDefault();
      open(td, true);
    } else if (td.parentNode.dataset.row) {
      td.parentNode.classList.toggle("now");
    }
  });

  // ---- what an earlier visit left behind
  const left = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith("hocba.")) continue;
      const [steps, at] = JSON.parse(localStorage.getItem(key)) || [];
      const cell = key.startsWith(PREFIX) && key.slice(PREFIX.length), td = cell && find(cell);
      const now = td && (own(td, cell) ? shown(td) : td.matches(".ex") ? "1" : "");
      if (!(Date.now() - at < WEEK) || td && now === steps.at(-1)[1]) localStorage.removeItem(key);
      else if (td) left.push([cell, steps, at]);
    }
  } catch { /* no storage: nothing was left */ }
  if (left.length) {
    const banner = document.getElementById("grid-offer").content.firstElementChild.cloneNode(true);
    banner.querySelector("[data-fill=n]").textContent = left.length;
    banner.addEventListener("click", (event) => {
      const act = event.target.closest("[data-offer]")?.dataset.offer;
      if (!act) return;
      banner.remove();
      for (const [cell, steps, at] of left) {
        if (act === "drop") { keep(cell); continue; }
        const td = find(cell);
        if (own(td, cell)) show(td, steps.at(-1)[1]);
        else setExempt(td, steps.at(-1)[1] === "1");
        queue.set(cell, { steps, sent: 0, at });
        td.classList.add("sending");
      }
      tell();
      flush();
    });
    table.parentNode.before(banner);
  }
  const retry = () => { if (queue.size) flush(); };
  addEventListener("online", retry);
  addEventListener("focus", retry);
  rest([...body.querySelectorAll("tr[data-row] td")].find(editable));
  tell();
})();
