import "./form.js";

// Keyboard and batch helpers of the desk. Every page works without them.
// j/k move through the rows of a queue, Enter opens, x picks, / goes to search.
const rows = () => [...document.querySelectorAll("[data-queue] tbody tr")];
const link = (row) => row.querySelector("[data-open]");
const here = () => rows().findIndex((r) => r.contains(document.activeElement));

function move(step) {
  const all = rows();
  if (!all.length) return;
  const next = all[Math.min(all.length - 1, Math.max(0, here() + step))];
  link(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function mark() {
  for (const form of document.querySelectorAll("[data-queue]")) {
    const picks = [...form.querySelectorAll("[data-pick]")];
    const n = picks.filter((p) => p.checked).length;
    for (const p of picks) p.closest("tr").setAttribute("aria-selected", String(p.checked));
    const all = form.querySelector("[data-pick-all]");
    if (all) { all.hidden = false; all.checked = n > 0 && n === picks.length; all.indeterminate = n > 0 && n < picks.length; }
    for (const out of form.querySelectorAll("[data-picked]")) out.textContent = String(n);
  }
}

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.target.closest("textarea, select, [contenteditable], input:not([type=checkbox])")) return;
  if (e.key === "j") move(1);
  else if (e.key === "k") move(here() < 0 ? 0 : -1);
  else if (e.key === "x") { const row = rows()[here()]; const p = row && row.querySelector("[data-pick]"); if (p) { p.checked = !p.checked; mark(); } }
  else if (e.key === "/") { const s = document.querySelector("[type=search]"); if (!s) return; s.focus(); }
  else return;
  e.preventDefault();
});
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-pick-all]")) for (const p of e.target.closest("[data-queue]").querySelectorAll("[data-pick]")) p.checked = e.target.checked;
  mark();
});
for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const over = (on) => (e) => { e.preventDefault(); drop.classList.toggle("over", on); };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (e) => { over(false)(e); if (e.dataTransfer.files.length) input.files = e.dataTransfer.files; });
}
mark();
