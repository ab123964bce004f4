// Decodes the province map of Apache ECharts 4 into plain GeoJSON and brings it
// to the divisions in force: Laiwu (371200) became districts of Jinan (370100)
// in January 2019, so Shandong has 16 cities.

// ECharts packs a ring as zigzag deltas, two characters a point, 1/1024 degree.
function decodeRing(text, [x0, y0]) {
  const ring = [];
  let x = x0, y = y0;
  for (let i = 0; i < text.length; i += 2) {
    const zig = (c) => { const n = c - 64; return (n >> 1) ^ -(n & 1); };
    x += zig(text.charCodeAt(i));
    y += zig(text.charCodeAt(i + 1));
    const point = [round(x / 1024), round(y / 1024)];
    const last = ring.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) ring.push(point);
  }
  return ring;
}

// A hundredth of a degree is under one pixel of a province on any screen here. All rings
// of neighbours round alike, so no gaps open between them.
const round = (n) => Math.round(n * 100) / 100;

function polygons({ type, coordinates, encodeOffsets }) {
  const all = type === "Polygon"
    ? [coordinates.map((t, i) => decodeRing(t, encodeOffsets[i]))]
    : coordinates.map((poly, i) => poly.map((t, k) => decodeRing(t, encodeOffsets[i][k])));
  // Islets that shrank to a line or a point are left out.
  return all.filter(([outer]) => outer.length >= 4);
}

export function shandong(text) {
  const source = JSON.parse(text);
  const cities = new Map();
  for (const f of source.features) {
    cities.set(f.id, { name: f.properties.name, cp: f.properties.cp, polys: polygons(f.geometry) });
  }
  const laiwu = cities.get("371200");
  cities.get("370100").polys.push(...laiwu.polys);
  cities.delete("371200");
  const features = [...cities].sort(([a], [b]) => a.localeCompare(b)).map(([code, c]) => ({
    type: "Feature",
    id: code,
    properties: { name: code, title: c.name, cp: c.cp },
    geometry: { type: "MultiPolygon", coordinates: c.polys },
  }));
  if (features.length !== 16) throw new Error(`expected 16 cities, got ${features.length}`);
  return { type: "FeatureCollection", features };
}
