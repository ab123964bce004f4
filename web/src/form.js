// When the network fails in the middle of sending, nothing that was typed is lost,
// and a second press does not send twice. Every page works without it: the server
// takes a form once whatever happens here.
//
// What was typed waits in this tab's session storage from the press until its answer
// has come, or the form again, for half an hour, and only that of the last press.
// Passwords, codes, files and fields that ask browsers not to remember
// (autocomplete="off") never do.
const patience = 30 * 60 * 1000;
const drafts = (() => {
  try { return sessionStorage; } catch { return null; }
})();
const box = (f) => /checkbox|radio/.test(f.type);
const typed = (form) => [...form.elements].filter((f) =>
  f.name && !/hidden|password|file|submit|button|fieldset/.test(f.type) && !/off|one-time-code|password/.test(f.autocomplete));
// Several forms of a page may lead to one address and differ in the event they send.
const name = (form) => `typed:${form.getAttribute("action")} ${form.querySelector("[type=hidden][name=event]")?.value ?? ""}`;
// A box is known by what it stands for: a list may have other rows by then.
const called = (f) => (box(f) ? `${f.name}=${f.value}` : f.name);
const forget = () => {
  for (const k of Object.keys(drafts ?? {})) if (k.startsWith("typed:")) drafts.removeItem(k);
};

function say(before, text, role) {
  const p = document.createElement("p");
  p.className = "flash tone-due_soon told";
  p.setAttribute("role", role);
  p.textContent = text;
  before.before(p);
  p.scrollIntoView({ block: "center" });
}

// Forms on their way, and what makes each ready again.
const sent = new Map();
const rest = (form) => {
  sent.get(form)?.();
  sent.delete(form);
};

document.addEventListener("submit", (e) => {
  const form = e.target, press = e.submitter;
  if (form.method !== "post" || e.defaultPrevented) return;
  if (sent.has(form)) return e.preventDefault();
  for (const p of document.querySelectorAll(".told")) p.remove();
  if (!navigator.onLine && !form.dataset.told) {
    // Some machines say so wrongly, or hold the server themselves: a second press is sent.
    form.dataset.told = "yes";
    e.preventDefault();
    return say(press ?? form.lastElementChild, document.body.dataset.offline, "alert");
  }
  forget();
  try {
    drafts?.setItem(name(form), JSON.stringify({ at: Date.now(), said: typed(form).map((f) => [called(f), box(f) ? f.checked : f.value]) }));
  } catch { /* full: then only the browser keeps it */ }
  const words = [...((press?.querySelector("span") ?? press)?.childNodes ?? [])].find((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
  const was = words?.data;
  if (words) words.data = document.body.dataset.sending;
  sent.set(form, () => { if (words) words.data = was; });
  setTimeout(rest, 8000, form); // a file was sent back, or the sending was stopped
});

// An answer is reached by a redirect, tells of success or shows what to change. Any
// other page came because no answer did: the browser's own page stood between, and
// going back from there skips the form where it leads to its own address.
addEventListener("pageshow", (e) => {
  for (const form of document.forms) rest(form);
  const came = performance.getEntriesByType("navigation")[0];
  if (!e.persisted && (came?.redirectCount || document.querySelector(".problem, #main > .flash:first-child:not(.told)"))) return forget();
  for (const form of document.forms) {
    const kept = JSON.parse(drafts?.getItem(name(form)) ?? "null");
    const fields = typed(form);
    if (!kept || !fields.length) continue;
    forget();
    if (Date.now() - kept.at > patience) return;
    for (const [what, value] of kept.said) {
      const f = fields.find((f) => called(f) === what);
      if (f) f[box(f) ? "checked" : "value"] = value;
    }
    return say(form, document.body.dataset.kept, "status");
  }
});
