// ---- what others write, while the page is looked at
let source = null, heard = data.since;
const listen = () => {
  if (source || document.hidden) return;
  source = new EventSource(`${data.url}events?since=${heard}&tab=${tab}`);
  source.addEventListener("cells", (event) => {
    heard = event.lastEventId;
    const n = JSON.parse(event.data).filter(([cell, value]) => merge(cell, value)).length;
    if (n) say(fill(line.dataset.others, { n }));
  });
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it connects again by itself
    source = null;
    setTimeout(listen, 3e4);
  };
};
// Returns whether the cell shows something else now. Typing is never touched:
// what stands against it comes to light when it is saved.
const merge = (cell, value) => {
  const td = find(cell), mine = held.get(cell), open = td && td === box.parentNode;
  if (!td || td.matches(".no") || queue.has(cell) || open && box.value !== before) return false;
  if (mine) {
    if (value === mine.mine) {
      drop(cell);
    } else if (value !== mine.theirs) {
      mine.theirs = value;
      mine.by = mine.at = "";
      if (note(cell)) addNote(td, mine);
    }
    return false;
  }
  if (shown(td) === value) return false;
  td.known = value;
  show(td, value);
  td.classList.toggle("fresh", !open);
  return true;
};
addEventListener("visibilitychange", () => {
  if (!document.hidden) return listen();
  source?.close();
  source = null;
});

// ---- what an earlier visit left behind
const offers = [];
try {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("hocba.")) continue;
    const [steps, at] = JSON.parse(localStorage.getItem(key)) || [];
    const cell = key.startsWith(PREFIX) && key.slice(PREFIX.length), td = cell && find(cell), mine = steps?.at(-1)[1];
    if (!(Date.now() - at < WEEK) || td && shown(td) === mine) localStorage.removeItem(key);
    else if (td) {
      left.set(cell, steps);
      offers.push({ cell, mine, theirs: shown(td) });
    }
  }
} catch { } // no storage: nothing was left
if (offers.length) {
  const banner = post("grid-offer", { n: offers.length }, offers), list = banner.querySelector("ul");
  for (const one of list.children) one.querySelector("[data-changed]").hidden = left.get(one.item.cell)[0][0] === one.item.theirs;
  banner.addEventListener("click", ({ target }) => {
    const choice = target.closest("[data-offer]")?.dataset.offer, one = target.closest("li");
    if (!choice) return;
    doing("one", () => (one ? [one] : [...list.children]).forEach((one) => {
      const { cell, mine, theirs } = one.item;
      one.remove();
      left.delete(cell);
      if (choice === "theirs") return keep(cell, unsaved(cell));
      show(find(cell), mine);
      put(cell, theirs, mine);
    }));
    if (!list.children.length) banner.remove();
    fillIn(banner.querySelector(".banner-title"), { n: list.children.length });
  });
}
