(() => {
  "use strict";
  const axis = { x: "step", y: "linear" };
  const figures = [...document.querySelectorAll(".chart")].filter((figure) => figure.querySelector(".chart-data"));
  const charts = figures.map((figure) => ({
    figure,
    plot: null,
    ...JSON.parse(figure.querySelector(".chart-data").textContent),
  }));
  const WIDTHS = { training: 1.4, validation: 2.2, mean: 2.4, seed: 1 };
  const SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 864000];
  const TONES = { error: "bad", warning: "warn", advice: "info" };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function number(value) {
    if (value == null) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2).replace("e+", "e");
    return value.toLocaleString("en", { maximumSignificantDigits: 5 });
  }

  function clock(seconds) {
    if (seconds < 60) return `${+seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return `${+(seconds / 60).toFixed(1)} min`;
    return `${Math.floor(minutes / 60)} h` + (minutes % 60 ? ` ${minutes % 60} min` : "");
  }

  function tick(value) {
    if (value == null) return "";
    const size = Math.abs(value);
    if (size !== 0 && size < 1e-3) return value.toExponential().replace("e+", "e");
    if (size >= 1e15) return value.toExponential(0).replace("e+", "e");
    return value.toLocaleString("en", { notation: size >= 1e4 ? "compact" : "standard", maximumSignificantDigits: 5 });
  }

  const isPositive = (chart) => chart.lines.every((line) => line.value.every((value) => value === null || value > 0));
  const anyLog = charts.some(isPositive);

  function series(line) {
    const seed = line.style === "seed";
    return {
      label: line.label,
      stroke: colour(`c${line.colour}`) + (seed ? "80" : ""),
      width: WIDTHS[line.style],
      class: seed ? "quiet-seed" : undefined,
      value: (_, value) => number(value),
      points: { show: line.value.length < 3 || (line.style === "validation" && line.value.length < 60), size: 6 },
    };
  }

  // A finding is a dashed line at its step. The labels come after all lines, each in a row of its own.
  function drawPins(plot, pins) {
    const { ctx, bbox } = plot;
    const end = bbox.left + bbox.width;
    const shown = pins
      .map((pin) => ({ ...pin, x: plot.valToPos(pin[axis.x], "x", true), colour: colour(TONES[pin.severity]) }))
      .filter(({ x }) => x >= bbox.left - 1 && x <= end + 1);
    ctx.save();
    shown.forEach((pin) => pinLine(ctx, bbox, pin));
    shown.forEach((pin, row) => pinLabel(ctx, bbox, pin, bbox.top + (14 + 20 * row) * uPlot.pxRatio));
    ctx.restore();
  }

  function pinLine(ctx, bbox, pin) {
    const ratio = uPlot.pxRatio;
    ctx.strokeStyle = pin.colour;
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(pin.x, bbox.top);
    ctx.lineTo(pin.x, bbox.top + bbox.height);
    ctx.stroke();
  }

  function pinLabel(ctx, bbox, pin, y) {
    const ratio = uPlot.pxRatio;
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    const fits = ctx.measureText(pin.label).width < 0.6 * bbox.width;
    const text = fits ? pin.label : pin.label.split(" ")[0]; // the number of its card is enough on a phone
    const width = ctx.measureText(text).width + 10 * ratio;
    const gap = 4 * ratio;
    const start = pin.x + gap + width > bbox.left + bbox.width ? pin.x - gap - width : pin.x + gap;
    ctx.fillStyle = colour("paper");
    ctx.fillRect(start, y - 9 * ratio, width, 18 * ratio);
    ctx.fillStyle = pin.colour;
    ctx.fillText(text, start + 5 * ratio, y);
  }

  // The lines of a group share one entry in the legend.
  function toggleGroup(plot, lines, index, options) {
    const group = index && lines[index - 1].group;
    if (group == null || options.show == null) return;
    lines.forEach((line, place) => {
      const differs = plot.series[place + 1].show !== options.show;
      if (line.group === group && differs) plot.setSeries(place + 1, { show: options.show });
    });
  }

  function side() {
    return {
      grid: { stroke: colour("rule"), width: 1 },
      ticks: { show: false },
      stroke: colour("quiet"),
      font: "12px system-ui, sans-serif",
    };
  }

  // On a log axis only the powers of ten get a line, unless there are too few of them.
  function majors(_, splits) {
    const isPower = (value) => value != null && Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
    return splits.filter(isPower).length < 2 ? splits : splits.map((value) => (isPower(value) ? value : null));
  }

  // What is a share has no room above 1 or below 0.
  function shares(_, low, high) {
    const [start, end] = uPlot.rangeNum(low ?? 0, high ?? 1, 0.1, true);
    return [Math.max(start, 0), Math.min(end, 1)];
  }

  function options(chart, width, log) {
    const inTime = axis.x === "time";
    const upright = side();
    if (log) upright.grid.filter = majors;
    const widest = (plot, values) => 14 + 7 * Math.max(3, ...(values || []).map((value) => String(value).length));
    return {
      width,
      height: chart.figure.classList.contains("wide") ? 340 : 230,
      scales: { x: { time: false }, y: log ? { distr: 3 } : { range: chart.share ? shares : undefined } },
      axes: [
        {
          ...side(), size: 32, gap: 8, space: 70, incrs: inTime ? SECONDS : undefined,
          values: (_, splits) => splits.map(inTime ? clock : tick),
        },
        { ...upright, size: widest, gap: 6, space: 40, values: (_, splits) => splits.map(tick) },
      ],
      series: [
        { label: inTime ? "Time" : "Step", value: (_, value) => (inTime && value != null ? clock(value) : number(value)) },
        ...chart.lines.map(series),
      ],
      cursor: { sync: { key: "page" }, points: { size: 7 } },
      legend: { markers: { width: 0, fill: (plot, index) => colour(`c${chart.lines[index - 1].colour}`) } },
      hooks: {
        draw: [(plot) => drawPins(plot, chart.pins)],
        setSeries: [(plot, index, change) => toggleGroup(plot, chart.lines, index, change)],
      },
    };
  }

  function draw(chart) {
    if (chart.plot) chart.plot.destroy();
    const marks = [0, ...chart.pins.map((pin) => pin[axis.x])].sort((a, b) => a - b); // the axis reaches these as well
    const tables = chart.lines.map((line) => [line[axis.x], line.value]);
    const data = uPlot.join([...tables, [marks, marks.map(() => null)]]).slice(0, -1);
    const log = axis.y === "log" && isPositive(chart);
    chart.figure.classList.add("live");
    chart.plot = new uPlot(options(chart, chart.figure.clientWidth, log), data, chart.figure);
  }

  const drawAll = () => charts.forEach(draw);

  function press(button) {
    axis[button.dataset.axis] = button.dataset.value;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    drawAll();
  }

  async function copy(button) {
    const code = button.parentElement.querySelector("code");
    const done = (text) => { button.textContent = text; setTimeout(() => { button.textContent = "Copy"; }, 1600); };
    try {
      await navigator.clipboard.writeText(code.textContent);
      done("Copied");
    } catch {
      getSelection().selectAllChildren(code); // no access to the clipboard: leave the text selected
      done("Press Ctrl+C");
    }
  }

  drawAll();
  for (const bar of document.querySelectorAll(".toolbar")) bar.hidden = charts.length === 0;
  for (const button of document.querySelectorAll("button[data-axis]")) {
    button.disabled = button.dataset.value === "log" && !anyLog;
    button.addEventListener("click", () => press(button));
  }
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new ResizeObserver(() => {
    for (const { plot, figure } of charts) {
      if (plot.width !== figure.clientWidth) plot.setSize({ width: figure.clientWidth, height: plot.height });
    }
  }).observe(document.querySelector("main"));
})();
