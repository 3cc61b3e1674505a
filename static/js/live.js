// What is new is told over a socket; pages hear events of the body: live:list, live:import, live:work.
{
  const place = document.querySelector("[data-live]");
  const FIRST = 1000, LONGEST = 60000, IN_VAIN = 3;
  let version = Number(place?.dataset.listVersion), socket, later, pause = FIRST, failures = 0, before = "";

  const tell = (what, detail) => document.body.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
  const moved = () => { tell("import"); tell("work"); };
  // What is seldom needed is fetched when it is.
  const fetched = {};
  const need = (name) => (fetched[name] ??= new Promise((done) => {
    const script = document.createElement("script");
    script.onload = done;
    script.src = place.dataset[name];
    document.head.append(script);
  }));
  const listIs = async (number) => {
    if (number === version) return;
    version = number;
    if (place.dataset.onList) await need("onList");
    tell("list", number);
  };

  function open() {
    clearTimeout(later);
    if (!window.WebSocket) need("clock");
    else if (!socket) connect();
  }

  function connect() {
    let since = 0;
    socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/recommendations/?lists=no&since=${version}`);
    socket.onopen = () => {
      since = Date.now();
      failures = 0;
      tell("open");
      // What moved on in between was told to nobody.
      moved();
    };
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      if (said.type === "list") listIs(said.list_version); else moved();
    };
    socket.onclose = ({ code }) => {
      socket = null;
      // Signed out.
      if (code === 4401) return;
      // One that held was not refused. Not all at once, after the site was started anew.
      pause = since && Date.now() - since > 10000 ? FIRST : Math.min(LONGEST, pause * 2);
      if (!since && ++failures === IN_VAIN) need("clock");
      later = setTimeout(open, pause * (0.5 + Math.random()));
    };
  }

  if (place) {
    open();
    document.body.addEventListener("live:answer", ({ detail: { list_version, imports, work } }) => {
      const now = JSON.stringify([imports, work]);
      if (now !== before) moved();
      before = now;
      listIs(list_version);
    });
    // Who comes back is not kept waiting for the end of a pause.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) open(); });
  }
}
