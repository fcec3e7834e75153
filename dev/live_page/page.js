"use strict";
// Ask for /live.json every second and draw it. Everything is text: nothing is read as HTML.

const HEIGHT = 260, LEFT = 44, BOTTOM = 24, TOP = 10, RIGHT = 8;
const OLD_S = 60, HOUR_S = 3600;
const byId = (id) => document.getElementById(id);

function make(name, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function svg(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const two = (number) => String(number).padStart(2, "0");
const watts = (value) => (value >= 10000 ? `${(value / 1000).toFixed(1)} kW` : `${value} W`);
const clock = (unix) => { const at = new Date(unix * 1000); return `${two(at.getHours())}:${two(at.getMinutes())}`; };

function ageText(seconds) {
  if (seconds === null) return "–";
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function drawDay(points) {
  const WIDTH = Math.max(280, byId("day").clientWidth);
  const begin = points[0][0], end = points[points.length - 1][0];
  const highest = Math.max(1000, ...points.map((one) => Math.max(one[1], one[2])));
  const most = Math.ceil(highest / 1000) * 1000;
  const x = (at) => LEFT + ((WIDTH - LEFT - RIGHT) * (at - begin)) / Math.max(1, end - begin);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const image = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "power used and made in the last 24 hours" });
  for (let value = 0; value <= most; value += Math.max(1000, most / 5)) {
    image.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }));
    image.append(svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, `${(value / 1000).toFixed(0)} kW`));
  }
  for (let at = Math.ceil(begin / HOUR_S) * HOUR_S; at <= end; at += HOUR_S) {
    if (new Date(at * 1000).getHours() % 4 === 0) {
      image.append(svg("text", { x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, clock(at)));
    }
  }
  for (const [name, column] of [["made", 2], ["used", 1]]) {
    const line = points.map((one) => `${x(one[0]).toFixed(1)},${y(one[column]).toFixed(1)}`).join(" ");
    image.append(svg("polygon", { class: name, points: `${x(begin)},${y(0)} ${line} ${x(end)},${y(0)}` }));
  }
  byId("day").replaceChildren(image);
}

function drawBars(id, rows, text) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  byId(id).replaceChildren(...rows.map((row) => {
    const line = make("div", undefined, row.isNow ? "bar now" : "bar");
    const bar = make("progress");
    bar.max = most;
    bar.value = row.value;
    bar.setAttribute("aria-label", row.name);
    line.append(make("span", row.name), bar, make("span", text(row.value)));
    return line;
  }));
}

function drawMeters(meters) {
  byId("meters").replaceChildren(...meters.map((one) => {
    const row = make("tr");
    const isOld = one.age_s === null || one.age_s > OLD_S;
    for (const cell of [one.id, one.power, one.energy, one.tariff]) row.append(make("td", cell || "–"));
    row.append(make("td", ageText(one.age_s), isOld ? "old" : ""), make("td", String(one.count)));
    return row;
  }));
}

function drawLeds(leds) {
  byId("leds").replaceChildren(...leds.map((one) => {
    const line = make("li");
    const style = { solid: "on", off: "off" }[one.pattern] || "blink";
    line.append(make("i", undefined, style), `${one.name}: ${one.meaning} (${one.pattern})`);
    return line;
  }));
}

function drawProblems(problems) {
  const short = problems.length ? `${problems.length} problem${problems.length > 1 ? "s" : ""}, see below` : "no problem";
  byId("problems-short").replaceChildren(make("span", short, problems.length ? "bad" : "good"));
  const boxes = problems.map((one) => {
    const box = make("div", undefined, "problem");
    box.append(make("b", one.title), make("p", one.found), make("p", one.what_to_do));
    return box;
  });
  byId("problems").replaceChildren(...(boxes.length ? boxes : [make("p", "none", "good")]));
}

function draw(data) {
  const faster = data.speed > 1 ? `, ${data.speed} times as fast as ours (${clock(data.time)})` : "";
  byId("clock").textContent = `In the home it is ${clock(data.household_time)}${faster}`;
  const { used, made, imported, exported } = data.power;
  byId("power").textContent = String(used);
  const grid = exported ? `${watts(exported)} go to the grid` : `${watts(imported)} come from the grid`;
  byId("flow").textContent = made ? `${watts(made)} from the panels, ${grid}` : grid;
  drawDay(data.day);
  drawBars("tariffs", data.tariffs.map((one) => ({ name: one.name, value: one.wh, isNow: one.is_now })), (wh) => `${(wh / 1000).toFixed(2)} kWh`);
  drawBars("appliances", [...data.appliances].sort((one, other) => other.watts - one.watts).map((one) => ({ name: one.name, value: one.watts })), watts);
  drawMeters(data.meters);
  byId("frames").textContent = data.frames;
  drawLeds(data.leds);
  byId("units").textContent = `${data.units.ready} of ${data.units.all} ready`;
  byId("complaints").replaceChildren(...data.units.complaints.map((line) => make("li", line)));
  drawProblems(data.problems);
}

async function refresh() {
  try {
    const answer = await fetch("/live.json", { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) throw new Error(String(answer.status));
    draw(await answer.json());
    byId("lost").hidden = true;
  } catch {
    byId("lost").hidden = false;
  }
  setTimeout(refresh, 1000);
}

refresh();
