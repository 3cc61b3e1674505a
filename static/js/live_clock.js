// Where no socket comes about: the same is asked for by the clock, while somebody looks.
{
  const { live } = document.querySelector("[data-live]").dataset, EVERY = 15000;

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(live, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) clearInterval(clock);
      if (answer.ok) document.body.dispatchEvent(new CustomEvent("live:answer", { detail: await answer.json() }));
    } catch {
      // No answer now; the next turn asks again.
    }
  }

  let clock = setInterval(ask, EVERY);
  ask();
  document.body.addEventListener("live:open", () => clearInterval(clock));
}
