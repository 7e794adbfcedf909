/* What makes the pages handier where scripts run. Everything works without this file. */
(function () {
  "use strict";
  var root = document.documentElement;
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function one(selector, within) { return (within || document).querySelector(selector); }
  function body(fields) { var sent = new URLSearchParams(); Object.keys(fields).forEach(function (name) { sent.set(name, fields[name]); }); return sent; }

  /* Suggestions while typing: a combobox with a list of links, after the ARIA practices. */
  function suggesting(form) {
    var input = one("input[name=text]", form), field = one(".field", form), token = one("input[name=token]", form).value;
    var list = document.createElement("ul"), said = document.createElement("p");
    var found = [], at = -1, timer = 0, asked = "", composing = false, number = 0;
    list.id = "suggestions"; list.className = "suggestions"; list.hidden = true;
    list.setAttribute("role", "listbox"); list.setAttribute("aria-label", "可能的答复");
    said.className = "skip"; said.setAttribute("role", "status");
    field.appendChild(list); form.appendChild(said);
    input.setAttribute("role", "combobox"); input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id); input.setAttribute("aria-expanded", "false");

    function close() { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
    function move(to) {
      at = to;
      all("li", list).forEach(function (item, place) { item.setAttribute("aria-selected", place === at ? "true" : "false"); });
      if (at < 0) { input.removeAttribute("aria-activedescendant"); } else { input.setAttribute("aria-activedescendant", "suggestion-" + at); }
    }
    function show(matches) {
      found = matches; list.textContent = "";
      if (!found.length || document.activeElement !== input) { close(); said.textContent = ""; return; }
      found.forEach(function (match, place) {
        var item = document.createElement("li"), text = document.createElement("span"), topic = document.createElement("span");
        item.id = "suggestion-" + place; item.setAttribute("role", "option"); item.setAttribute("aria-selected", "false");
        text.textContent = match.text; topic.textContent = match.topic;
        item.appendChild(text); item.appendChild(topic);
        item.addEventListener("mousedown", function (event) { event.preventDefault(); });
        item.addEventListener("click", function () { location.assign(match.url); });
        list.appendChild(item);
      });
      list.hidden = false; input.setAttribute("aria-expanded", "true"); move(-1);
      said.textContent = "有 " + found.length + " 条可能的答复，按上下键选择，回车打开。";
    }
    function ask() {
      var text = input.value.trim(), mine = ++number;
      if (text === asked) { return; }
      asked = text;
      if (text.length < 2) { show([]); return; }
      fetch(form.dataset.suggest, { method: "POST", body: body({ text: text, token: token }) })
        .then(function (answer) { return answer.ok ? answer.json() : { matches: [] }; })
        .then(function (answer) { if (mine === number) { show(answer.matches); } })
        .catch(function () { close(); });
    }
    function later() { clearTimeout(timer); if (!composing) { timer = setTimeout(ask, 250); } }
    input.addEventListener("compositionstart", function () { composing = true; });
    input.addEventListener("compositionend", function () { composing = false; later(); });
    input.addEventListener("input", later);
    input.addEventListener("blur", function () { setTimeout(close, 100); });
    input.addEventListener("keydown", function (event) {
      if (composing || event.isComposing) { return; }
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); return; }
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
        event.preventDefault();
        if (list.hidden) { show(found); }
        var step = event.key === "ArrowDown" ? 1 : -1;
        move(at + step >= found.length ? -1 : at + step < -1 ? found.length - 1 : at + step);
        return;
      }
      if (event.key === "Enter" && at >= 0 && !list.hidden) { event.preventDefault(); location.assign(found[at].url); }
    });
  }
  all("form[data-suggest]").forEach(suggesting);

  /* The display is changed in place: the result of a form must not be left for it. */
  all("form.display").forEach(function (form) {
    form.hidden = false;
    form.addEventListener("click", function (event) {
      var button = event.target.closest("button[name]");
      if (!button) { return; }
      event.preventDefault();
      var change = {}; change[button.name] = button.value;
      fetch("/display", { method: "POST", body: body(change), redirect: "manual" });
      if (button.name === "elder") {
        root.toggleAttribute("data-elder", button.value === "1");
        button.textContent = button.value === "1" ? "退出适老版" : "适老版";
        button.value = button.value === "1" ? "0" : "1";
      } else {
        root.dataset.theme = button.value;
        all("button[name=theme]", form).forEach(function (other) { other.setAttribute("aria-pressed", other === button ? "true" : "false"); });
      }
    });
    var menu = one("details", form);
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) { menu.open = false; } });
    menu.addEventListener("keydown", function (event) { if (event.key === "Escape") { menu.open = false; one("summary", menu).focus(); } });
  });

  /* Copy and print. */
  all("[data-tools]").forEach(function (tools) {
    tools.hidden = false;
    var said = one("[data-said]", tools);
    all("[data-print]", tools).forEach(function (button) { button.addEventListener("click", function () { window.print(); }); });
    all("[data-copy]", tools).forEach(function (button) {
      button.addEventListener("click", function () {
        var done = navigator.clipboard ? navigator.clipboard.writeText(button.dataset.copy) : Promise.reject();
        done.then(function () { said.textContent = "已复制"; }, function () { said.textContent = button.dataset.copy; });
      });
    });
  });

  /* A draft outlives an accident, in this tab only; it goes once the question has arrived. */
  var place = "zhengwen-draft";
  try {
    if (one("[data-sent]")) { sessionStorage.removeItem(place); }
    all("form[data-draft] textarea[name=text]").forEach(function (area) {
      if (!area.value.trim()) { area.value = sessionStorage.getItem(place) || ""; }
      area.addEventListener("input", function () { sessionStorage.setItem(place, area.value); });
    });
  } catch (refused) { /* a browser that keeps nothing */ }
})();
