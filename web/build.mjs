// Builds everything under internal/face/assets/dist from web/src and the npm
// packages pinned in package-lock.json. Run by `npm run build`; no network.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { shandong } from "./map.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../internal/face/assets/dist");
const axe = join(here, "../internal/face/ui/uitest/axe");
const pkg = (p) => join(here, "node_modules", p);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
mkdirSync(axe, { recursive: true });

for (const name of ["app", "desk"]) {
  execFileSync(process.execPath, [pkg("@tailwindcss/cli/dist/index.mjs"), "-i", join(here, `src/${name}.css`), "-o", join(dist, `${name}.css`), "--minify"], { cwd: here, stdio: ["ignore", "ignore", "ignore"] });
}

await build({
  absWorkingDir: here,
  entryPoints: { chart: "src/chart.js", cockpit: "src/cockpit.js", desk: "src/desk.js", form: "src/form.js" },
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "none",
  charset: "utf8",
});

copyFileSync(join(here, "src/mark.svg"), join(dist, "mark.svg"));
copyFileSync(pkg("htmx.org/dist/htmx.min.js"), join(dist, "htmx.min.js"));
writeFileSync(join(dist, "shandong.json"), JSON.stringify(shandong(readFileSync(pkg("echarts-map/map/json/province/shandong.json"), "utf8"))));
copyFileSync(pkg("axe-core/axe.min.js"), join(axe, "axe.min.js"));
const licenses = join(here, "../internal/face/assets/licenses");
mkdirSync(licenses, { recursive: true });
for (const [name, from] of [["echarts-NOTICE", "echarts/NOTICE"], ["echarts-LICENSE", "echarts/LICENSE"], ["htmx-LICENSE", "htmx.org/LICENSE"], ["daisyui-LICENSE", "daisyui/LICENSE"], ["tailwindcss-LICENSE", "tailwindcss/LICENSE"]]) {
  copyFileSync(pkg(from), join(licenses, name + ".txt"));
}
copyFileSync(pkg("axe-core/LICENSE"), join(axe, "LICENSE"));
