// New lines appear by themselves; without this script the link 看新消息 does the same.
"use strict";
const log = document.getElementById("log");
const toEnd = () => { log.scrollTop = log.scrollHeight; };
let shown = "";
async function look() {
  try {
    const answer = await fetch("/log");
    const text = answer.ok ? await answer.text() : shown;
    if (text !== shown) {
      if (shown) { log.innerHTML = text; toEnd(); }
      shown = text;
    }
  } catch (error) {
    // The service has stopped; the next look may find it again.
  }
}
toEnd();
look();
setInterval(look, 1000);
