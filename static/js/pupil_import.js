// Imports from Excel: refuses a file that is too large before it is sent, and
// keeps the number on the button in step with the choices.
(function () {
  "use strict";
  const upload = document.getElementById("upload");
  if (upload) {
    const file = upload.querySelector("input[type=file]");
    const note = document.getElementById(file.dataset.tooLarge);
    const check = () => {
      const over = file.files.length > 0 && file.files[0].size > Number(file.dataset.maxBytes);
      note.hidden = !over;
      return over;
    };
    file.addEventListener("change", check);
    upload.addEventListener("submit", (e) => { if (check()) { e.preventDefault(); file.focus(); } });
  }
  const form = document.getElementById("import");
  const button = document.getElementById("write");
  if (!form || !button) return;
  const count = () => {
    let n = Number(button.dataset.count);
    form.querySelectorAll("select[name^=choice-]").forEach((s) => { if (s.value !== "skip") n += 1; });
    n += form.querySelectorAll("input[name=row]:checked").length;
    button.querySelector("span").textContent = button.dataset.label.replace("{n}", n.toLocaleString("vi-VN"));
    button.disabled = n === 0;
  };
  form.addEventListener("change", count);
  count();
})();
