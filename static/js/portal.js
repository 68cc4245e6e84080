// What every page shares. Nothing here is needed for an essential act; the
// words come from the page itself (data attributes and <template>s).
(() => {
  "use strict";
  const all = (root, selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];

  // Shows one of the prepared sentences above the page.
  let shown = "";
  const notice = (id) => {
    shown = id;
    const place = document.getElementById("notice"), words = document.getElementById(id);
    if (!place) return;
    place.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
  };

  // Dialogs: a page that also opens over this one.
  let opener = null;
  const openDialog = (dialog) => {
    if (dialog.open || !dialog.showModal) return;
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener?.isConnected) opener.focus();
      opener = null;
    });
  };

  // Runs on the page and on every fragment put into it.
  const prepare = (root) => {
    all(root, "[data-reveal]").forEach((button) => { button.hidden = false; });
    all(root, "dialog[data-modal]").forEach(openDialog);
    if (!all(root, "[autofocus]").length) all(root, "[data-focus]")[0]?.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const reveal = target.closest("[data-reveal]");
    if (reveal) {
      const field = document.getElementById(reveal.dataset.reveal), hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(hidden));
      reveal.querySelector("[data-word]").textContent = hidden ? reveal.dataset.hide : reveal.dataset.show;
      return;
    }
    const close = target.closest("[data-close]");
    if (close?.closest("dialog")) {
      event.preventDefault();
      close.closest("dialog").close();
      return;
    }
    if (target.closest("[hx-target='#dialog']")) opener = target.closest("[hx-target='#dialog']");
    // A list that is open closes when one clicks beside it.
    document.querySelectorAll("details.pick[open]").forEach((list) => {
      if (!list.contains(target) && !(list.matches(".menu") && target.closest(".nav"))) list.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.pick[open]").forEach((list) => {
      list.open = false;
      list.querySelector("summary").focus();
    });
  });

  // A form is sent once; a second click within five seconds is the same click.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-post") || form.hasAttribute("hx-put")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  document.addEventListener("htmx:sendError", () => notice("notice-offline"));
  document.addEventListener("htmx:timeout", () => notice("notice-offline"));
  document.addEventListener("htmx:responseError", (event) => {
    notice(event.detail.xhr.status === 401 ? "notice-session" : "notice-failed");
  });
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    // A poll that gets through does not undo what was said about a failed act.
    if (detail.successful && (shown !== "notice-failed" || detail.requestConfig.verb !== "get")) notice("");
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) prepare(event.detail.elt);
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => prepare(document));
  else prepare(document);
})();
