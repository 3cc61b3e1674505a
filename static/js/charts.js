// Draws the charts of a page, with Plotly, which is fetched when the first of them comes near the window.
// Wrapped, because a fragment's page may load this file where another has.
(() => {
  const script = document.currentScript;
  const NEAR = "300px";
  let loading;

  function plotly() {
    loading ??= new Promise((resolve, reject) => {
      // Under this id and class Plotly takes its rules for written, and writes none into the page.
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet";
      sheet.id = "plotly.js-style-global";
      sheet.className = "no-inline-styles";
      sheet.href = script.dataset.plotlyCss;
      const code = document.createElement("script");
      code.src = script.dataset.plotly;
      code.onload = () => resolve(window.Plotly);
      code.onerror = reject;
      document.head.append(sheet, code);
    });
    return loading;
  }

  // A figure names its colours by role, @accent or @series-2: the scheme says what they are.
  function inColours(value, style) {
    if (typeof value === "string" && value.startsWith("@")) return style.getPropertyValue(`--${value.slice(1)}`).trim() || "#888";
    if (Array.isArray(value)) return value.map((one) => inColours(one, style));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inColours(one, style)]));
    return value;
  }

  const figureOf = (element) => JSON.parse(document.getElementById(element.dataset.chart).textContent);

  async function draw(element) {
    const Plotly = await plotly();
    if (!element.isConnected) return;
    const figure = inColours(figureOf(element), getComputedStyle(document.documentElement));
    // What needs room (names beside points) says how much: its numbers alone stand where there is less.
    figure.data = figure.data.filter((trace) => !(trace.meta?.room > element.clientWidth));
    const config = { displayModeBar: false, responsive: true, scrollZoom: false, showTips: false };
    await Plotly.react(element, figure.data, figure.layout, config);
    // Plotly's own names stand in its SVG for nobody: the element is one picture, with a name.
    for (const svg of element.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
    if (!element.dataset.drawn) {
      element.dataset.drawn = "yes";
      element.on("plotly_click", (event) => {
        const address = event.points?.[0]?.customdata?.href ?? event.points?.[0]?.customdata;
        if (typeof address === "string" && /^\/(?!\/)/.test(address)) window.location.assign(address);
      });
      offerPng(element);
    }
  }

  function offerPng(element) {
    const button = document.querySelector(`[data-png="${element.closest(".chart")?.id}"]`);
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const Plotly = await plotly();
      const style = getComputedStyle(document.documentElement);
      const layout = { ...element.layout, paper_bgcolor: style.getPropertyValue("--bg").trim() };
      const address = await Plotly.toImage({ data: element.data, layout }, { format: "png", width: 1200, height: 640 });
      const link = document.createElement("a");
      link.href = address;
      link.download = `${element.closest(".chart").id}.png`;
      link.click();
    });
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { watcher.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: NEAR });

  const watch = (root) => { for (const element of root.querySelectorAll("[data-chart]:not([data-watched])")) { element.dataset.watched = "yes"; watcher.observe(element); } };

  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.target.parentElement ?? document));
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
    for (const element of document.querySelectorAll("[data-drawn]")) draw(element);
  });
})();
