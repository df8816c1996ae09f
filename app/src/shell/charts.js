// Puts live charts in place of the server's drawings. The library is loaded where a chart is, when the page has nothing
// more urgent to do. Without it the drawing stays.

const startCharts = async () => {
  const roots = document.querySelectorAll("[data-chart]:not([data-state])");
  if (!roots.length || !BUNDLE.chart) return;
  for (const root of roots) root.setAttribute("data-state", "loading");
  const [chart, library] = await Promise.all([import(BUNDLE.chart), import(BUNDLE.chartLibrary)]);
  for (const root of roots) chart.start(root, library);
};

const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
whenIdle(() => whenIdle(startCharts));
document.addEventListener("regions-swapped", startCharts);
