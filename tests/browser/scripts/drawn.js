// Walks down the page and back, so that whatever waits until it comes near is there; then holds still.
async () => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let y = 0; y < document.documentElement.scrollHeight; y += window.innerHeight) { window.scrollTo(0, y); await pause(40); }
  window.scrollTo(0, 0);
  const until = performance.now() + 6000;
  const waiting = () => [...document.images].some((image) => !image.complete) || document.querySelector(".htmx-request, [data-loading]");
  while (waiting() && performance.now() < until) await pause(50);
  await pause(document.querySelector("[data-chart], canvas") ? 600 : 60);
}
