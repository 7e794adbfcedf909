/* Comfort only: every act also works without this file. Saves the draft while somebody writes; keys for those who like keys. */
"use strict";
(function () {
  const EVERY = 5000;
  const text = document.getElementById("text");
  const form = document.getElementById("editor");
  const status = document.getElementById("autosave");

  function watchDraft() {
    let saved = text.value, stopped = false, busy = false;
    const key = "draft:" + location.pathname;
    const say = (words) => { status.textContent = words; };
    // What could not be saved is kept in this tab until it is, even over a reload.
    const kept = sessionStorage.getItem(key);
    if (kept && kept !== text.value) {
      say("这个页面上有一段没有存到服务器的文字，已放在下面的框里，请核对后复制。");
      const box = document.createElement("textarea");
      box.readOnly = true; box.rows = 6; box.value = kept;
      box.setAttribute("aria-label", "没有存到服务器的文字");
      status.after(box);
      sessionStorage.removeItem(key);
    }
    async function save() {
      if (stopped || busy || text.value === saved || !text.value.trim()) return;
      busy = true;
      const now = text.value;
      sessionStorage.setItem(key, now);
      const fields = new URLSearchParams(new FormData(form));
      fields.set("auto", "1");
      try {
        const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
        if (answer.ok) {
          const said = await answer.json();
          form.elements.version.value = said.version;
          saved = now;
          if (text.value === now) sessionStorage.removeItem(key);
          say("已自动保存，" + said.saved + "。");
        } else if (answer.status === 409) {
          stopped = true;
          say((await answer.json()).error + "请点“保存拟稿”，对照两份文字。");
        } else if (answer.status === 422) {
          say((await answer.json()).error);
        } else if (answer.status === 403 || answer.type === "opaqueredirect") {
          stopped = true;
          say("登录已过期，自动保存停了。您写的文字还在；点“保存拟稿”，重新登录后接着写。");
        } else {
          say("没有存上，稍后再试。您写的文字还在这个页面上。");
        }
      } catch (error) {
        say("网络断了，没有存上，连上后自动再存。您写的文字还在这个页面上。");
      }
      busy = false;
    }
    setInterval(save, EVERY);
    addEventListener("beforeunload", () => { if (text.value !== saved) sessionStorage.setItem(key, text.value); });
    // A button sends the text along: it is not lost, and must not be offered again.
    form.addEventListener("submit", () => { stopped = true; saved = text.value; sessionStorage.removeItem(key); });
  }
  if (text && form && status) watchDraft();

  const links = Array.from(document.querySelectorAll(".list tbody th a"));
  let at = -1;
  function go(step) {
    if (!links.length) return;
    at = Math.min(Math.max(at + step, 0), links.length - 1);
    links[at].focus();
  }
  function help() {
    const open = document.getElementById("keys");
    if (open) { open.remove(); return; }
    const box = document.createElement("section");
    box.id = "keys"; box.className = "card keys"; box.tabIndex = -1;
    box.setAttribute("aria-label", "快捷键");
    const lines = ["? 打开、关闭这张表", "j / k 下一条 / 上一条", "/ 查找", "g 回到留言列表", "e 到答复正文", "p 打印", "Ctrl+S 保存拟稿"];
    lines.forEach((line) => { const p = document.createElement("p"); p.textContent = line; box.append(p); });
    document.getElementById("main").prepend(box);
    box.focus();
  }
  const acts = {
    "?": help,
    j: () => go(1),
    k: () => go(-1),
    "/": () => { const box = document.getElementById("words"); if (box) box.focus(); },
    g: () => { location.href = "/"; },
    e: () => { if (text) text.focus(); },
    p: () => { const link = document.getElementById("print"); if (link) link.click(); },
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s" && text && form && !text.readOnly) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(input|textarea|select)$/i.test(event.target.tagName)) return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
