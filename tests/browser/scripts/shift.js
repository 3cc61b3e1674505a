// Adds up how far things jump while the page is built, and what breaks the Content-Security-Policy.
window.shifted = 0;
window.shifts = [];
window.breaches = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.shifted += entry.value;
    for (const source of entry.sources) window.shifts.push(`${source.node?.nodeName}.${source.node?.className ?? ""} ${entry.value.toFixed(3)}`);
  }
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => window.breaches.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
