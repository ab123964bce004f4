// Draws the charts a cockpit page describes. A page puts the ECharts options as
// JSON in <script type="application/json" data-chart="ID"> beside an empty
// <div id="ID" class="chart">; the table under it says the same without script.
// data-map="URL" names GeoJSON registered as the map "shandong" first. A map
// place or bar with a "href" in its data item opens it.
if (document.documentElement.dataset.screen === "wall") setTimeout(() => location.reload(), 60000);
(async () => {
  const charts = window.gonghuiCharts;
  if (!charts) return;
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(`--${name}`).trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const axis = { axisLine: { lineStyle: { color: token("edge") } }, axisLabel: { color: token("soft") }, splitLine: { lineStyle: { color: token("line") } } };
  const theme = {
    color: [token("red"), token("bar"), token("waiting"), token("done")],
    textStyle: { fontFamily: css.fontFamily, color: token("ink") },
    categoryAxis: axis, valueAxis: axis, timeAxis: axis,
    bar: { barMaxWidth: 40 },
    legend: { textStyle: { color: token("ink") } },
    visualMap: { textStyle: { color: token("soft") }, color: [token("red"), token("bar-bg")] },
    tooltip: { renderMode: "richText", backgroundColor: token("sheet"), borderColor: token("edge"), textStyle: { color: token("ink") } },
    map: { itemStyle: { areaColor: token("quiet"), borderColor: token("edge") }, label: { color: token("ink"), textBorderColor: token("sheet"), textBorderWidth: 3 } },
    geo: { itemStyle: { areaColor: token("quiet"), borderColor: token("edge") }, label: { color: token("ink") } },
  };
  for (const script of document.querySelectorAll("script[data-chart]")) {
    const box = document.getElementById(script.dataset.chart);
    if (!box) continue;
    try {
      const option = JSON.parse(script.textContent);
      // A narrow screen has no room beside the map.
      if (box.clientWidth < 480 && option.visualMap) {
        Object.assign(option.visualMap, { orient: "horizontal", left: "center" });
        for (const s of option.series) Object.assign(s, { left: 0, right: 0, bottom: 48 }, { label: { ...s.label, fontSize: 10, formatter: (p) => p.name.replace(/市$/, "") } });
      }
      if (script.dataset.map) charts.registerMap("shandong", await (await fetch(script.dataset.map)).json());
      const chart = charts.init(box, theme, { renderer: "svg" });
      chart.setOption({ animation: !still, aria: { enabled: true }, ...option });
      chart.on("click", (e) => { if (e.data && e.data.href) location.href = e.data.href; });
      new ResizeObserver(() => chart.resize()).observe(box);
      box.dataset.ready = "yes";
    } catch (e) {
      // The table below the chart carries the same numbers.
      box.hidden = true;
      console.error(e);
    }
  }
})();
