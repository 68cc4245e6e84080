// The token in this machine: what the server has prepared goes to the agent on
// the loopback address, what it signed goes back. The server vouches for each
// list and verifies each signature; the PIN is typed at the agent alone.
(() => {
  "use strict";
  const ask = (url, message) => new Promise((done, fail) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onmessage = (event) => {
      done(JSON.parse(event.data));
      socket.close();
    };
    socket.onerror = socket.onclose = () => fail(new Error("away"));
  });
  const job = document.querySelector("[data-agent-job]");
  if (job) {
    const line = job.querySelector("[role=status]"), start = job.querySelector("button"), said = job.dataset;
    start.hidden = false;
    line.textContent = "";
    start.addEventListener("click", async () => {
      start.disabled = true;
      try {
        for (let signatures = [], broken; ;) {
          const res = await fetch(said.agentJob, { method: "POST", headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ signatures }) }).catch(() => ({}));
          if (!res.ok) throw new Error("server");
          const next = await res.json();
          line.textContent = next.said;
          if (!next.digests) return location.reload();
          if (broken) throw new Error(broken);
          const reply = await ask(said.agent, { type: "sign", challenge: next.challenge, digests: next.digests });
          signatures = reply.signatures || []; // what a token made before it was pulled out counts
          broken = reply.error;
        }
      } catch (error) {
        line.textContent = (said[error.message] || said.away) + " " + line.textContent;
        start.disabled = false;
      }
    });
  }
  for (const form of document.querySelectorAll("[data-agent-bind]")) {
    const line = form.querySelector("[role=status]");
    line.textContent = "";
    form.addEventListener("submit", async (event) => {
      if (form.chain.value) return;
      event.preventDefault();
      try {
        const reply = await ask(form.dataset.agentBind, { type: "certificate" });
        if (!reply.chain) throw new Error(reply.error);
        form.chain.value = reply.chain.join(" ");
        form.submit();
      } catch (error) {
        line.textContent = form.dataset[error.message] || form.dataset.away;
      }
    });
  }
})();
