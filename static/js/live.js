// What is new is told over a socket, and asked for by the clock where none comes about. Pages hear it as
// events of the body: live:list, live:import, live:work.
{
  const place = document.querySelector("[data-live]");
  const FIRST = 1000, LONGEST = 60000, IN_VAIN = 3, BY_THE_CLOCK = 15000;
  let version = Number(place?.dataset.listVersion), socket, later, clock, pause = FIRST, failures = 0, before = "";

  const tell = (what, detail) => document.body.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
  const listIs = (number) => { if (number !== version) { version = number; tell("list", number); } };

  function open() {
    clearTimeout(later);
    if (socket || !window.WebSocket) return;
    let was_open = 0;
    socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/recommendations/?lists=no&since=${version}`);
    socket.onopen = () => {
      was_open = Date.now();
      clearInterval(clock);
      clock = 0;
      failures = 0;
      // What moved on in between was told to nobody.
      tell("import");
      tell("work");
    };
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      if (said.type === "list") listIs(said.list_version);
      else tell(said.type === "import" ? "import" : "work");
    };
    socket.onclose = ({ code }) => {
      socket = null;
      // Signed out: nothing of it is this page's any more.
      if (code === 4401) return;
      // One that held for a while was not refused: the next pause is short again.
      pause = was_open && Date.now() - was_open > 10000 ? FIRST : Math.min(LONGEST, pause * 2);
      if (!was_open && ++failures === IN_VAIN) byTheClock();
      // Not all at once, after the site was started anew.
      later = setTimeout(open, pause * (0.5 + Math.random()));
    };
  }

  function byTheClock() {
    clearInterval(clock);
    clock = setInterval(ask, BY_THE_CLOCK);
    ask();
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) return clearInterval(clock);
      if (!answer.ok) return;
      const { list_version, imports, work } = await answer.json();
      const now = JSON.stringify([imports, work]);
      if (now !== before) { before = now; tell("import"); tell("work"); }
      listIs(list_version);
    } catch {
      // No answer now; the next turn asks again.
    }
  }

  if (place) {
    open();
    if (!window.WebSocket) byTheClock();
    // Who comes back to the page is not kept waiting for the end of a pause.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) open(); });
    // A page that is left gives its place up; one that Back finds again takes it anew.
    addEventListener("pagehide", () => { clearTimeout(later); socket?.close(); });
    addEventListener("pageshow", ({ persisted }) => { if (persisted) open(); });
  }
}
