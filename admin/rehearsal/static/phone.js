// New lines appear by themselves; without this script the link 看新消息 does the same.
"use strict";
const lines = document.getElementById("lines");
let shown = "";
async function look() {
  try {
    const answer = await fetch("/log");
    const text = answer.ok ? await answer.text() : shown;
    if (text !== shown && shown) lines.innerHTML = text;
    shown = text;
  } catch (error) {
    // The service has stopped; the next look may find it again.
  }
}
look();
setInterval(look, 1000);
