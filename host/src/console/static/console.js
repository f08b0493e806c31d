// Behaviour in the page. Everything here is a help: pages, links and forms work without it.
// It must never decide: no key submits, nothing is approved from here, nothing is written as HTML.
const $ = (q, from = document) => from.querySelector(q);
const all = (q, from = document) => [...from.querySelectorAll(q)];
const status = $('.live');

// 1. Copy the digest. Without this file the full digest can be selected under "Digest".
for (const b of all('[data-copy]')) {
  b.hidden = false;
  b.addEventListener('click', async () => {
    const was = b.textContent;
    try { await navigator.clipboard.writeText(b.dataset.copy); b.textContent = 'Copied'; }
    catch { b.textContent = 'Not copied'; }
    setTimeout(() => { b.textContent = was; }, 1500);
  });
}

// 2. One submit: a double click sends one decision (the server holds to that anyway).
for (const f of all('form[method=post]')) {
  f.addEventListener('submit', (e) => {
    if (f.dataset.sent) { e.preventDefault(); return; }
    f.dataset.sent = '1';
    f.setAttribute('aria-busy', 'true');
  });
}
addEventListener('pageshow', (e) => {            // back button: the form works again; the server judges its age
  if (e.persisted) for (const f of all('form[method=post]')) { delete f.dataset.sent; f.removeAttribute('aria-busy'); }
});

// 3. How many of the listed members are ticked.
for (const set of all('[data-members]')) {
  const out = $('[data-members-count]');
  const count = () => { if (out) out.textContent = String(all('input:checked', set).length); };
  set.addEventListener('change', count);
}

// 4. Live: the server sends {"kind","count"}; we only count and offer. The page never changes under a finger.
const feed = document.body.dataset.events;
if (feed && 'EventSource' in window) {
  let changes = 0;
  const es = new EventSource(feed);
  es.addEventListener('change', () => {
    changes += 1;
    let a = $('[data-show]', status);
    if (!a) { a = document.createElement('a'); a.href = location.href; a.dataset.show = ''; status.append(a); }
    a.textContent = changes === 1 ? '1 change: show' : `${changes} changes: show`;
  });
  es.addEventListener('open', () => { delete status.dataset.state; });
  es.addEventListener('error', () => { status.dataset.state = 'broken'; });
  addEventListener('pagehide', () => es.close());
}

// 5. Times: the server writes them in the zone that this cookie names, else in the tenant's. It is
// read anew with the next page, so that no time changes while somebody reads.
try {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (/^[A-Za-z0-9_+\-/]{1,64}$/.test(zone)) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=strict`;
} catch { /* the tenant's zone then */ }

// 6. A file fills the list that is sent as text: the server takes no files.
for (const input of all('[data-into]')) {
  input.closest('[data-file]').hidden = false;
  input.addEventListener('change', async () => {
    const [file] = input.files;
    if (file) document.getElementById(input.dataset.into).value = await file.text();
  });
}

// 7. The bar that leads back to the decision: not over the decision itself.
const bar = $('[data-jump]');
const frame = $('#decide');
if (bar && frame && 'IntersectionObserver' in window) {
  new IntersectionObserver(([seen]) => { bar.hidden = seen.isIntersecting; }).observe(frame);
}

// 8. Keys. They move the focus, they never press. Off switch kept per browser (WCAG 2.1.4).
const off = () => localStorage.getItem('keys') === 'off';
const help = $('[data-keys]');
if (help) {
  help.hidden = false;
  const b = $('[data-keys-off]', help);
  const paint = () => { b.textContent = off() ? 'Turn keys on' : 'Turn keys off'; };
  b.addEventListener('click', () => { localStorage.setItem('keys', off() ? 'on' : 'off'); paint(); });
  paint();
}
const rows = all('.row :is(h2, h3) a');
const step = (by) => {
  const at = rows.indexOf(document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]?.focus();
};
const base = document.body.dataset.base;
const go = { h: '', o: 'overreaches', e: 'effects', a: 'assets', s: 'halt' };
let g = 0;
addEventListener('keydown', (e) => {
  if (off() || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.target.closest('input, textarea, select, [contenteditable]')) {
    if (e.key === 'Escape') e.target.blur();
    return;
  }
  if (base && Date.now() - g < 1500 && go[e.key] !== undefined) { g = 0; location.href = base + go[e.key]; return; }
  switch (e.key) {
    case 'g': g = Date.now(); return;
    case 'j': step(1); break;
    case 'k': step(-1); break;
    case 'a': $('.decide textarea')?.focus(); break;
    case 'd': $('.decide [value=deny]')?.focus(); break;
    case 'c': $('[data-copy]')?.click(); break;
    case 'u': $('.where a')?.click(); break;
    case '?': $('[data-keys]')?.scrollIntoView(); break;
    default: return;
  }
  e.preventDefault();
});
