// Better with a script, complete without: figures go in at the cursor, and the preview follows the typing.
(() => {
  "use strict";
  const form = document.getElementById("editor");
  const text = document.getElementById("text");
  const preview = document.getElementById("preview");
  if (!form || !text || !preview || text.readOnly) return;

  const insert = document.getElementById("insert");
  const figure = document.getElementById("figure");
  insert.addEventListener("click", (event) => {
    if (!figure.value) return;
    event.preventDefault();
    text.setRangeText(`{{figure:${figure.value}}}`, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input"));
  });

  let timer = 0;
  let latest = 0;
  const show = async () => {
    const turn = ++latest;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body, credentials: "same-origin" });
      if (answer.status !== 200 && answer.status !== 422) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== latest) return;
      for (const id of ["preview", "fault"]) {
        const made = page.getElementById(id);
        if (made) document.getElementById(id).replaceChildren(...made.childNodes);
      }
    } catch {
      // Offline or signed out: what was typed stays, the buttons still say what is wrong.
    }
  };
  let dirty = false;
  text.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(show, 600);
  });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
