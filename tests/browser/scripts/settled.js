// Resolves once no fragment is on its way, fonts are there, and two frames have been painted; after 4 seconds anyway.
async () => {
  const until = performance.now() + 4000;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const isBusy = () => document.readyState !== "complete" || document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, [data-loading]");
  await document.fonts.ready;
  await frame();
  while (isBusy() && performance.now() < until) await frame();
  await frame();
  await frame();
  // A map writes beside it what is in view, a little after it is drawn.
  if (document.querySelector("canvas")) await new Promise((done) => setTimeout(done, 700));
}
