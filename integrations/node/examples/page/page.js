// SPDX-License-Identifier: GPL-2.0
// What comes from the server is put into the page as text, never as markup.
const HISTORY = 60;
const ROWS = 200;
const PROTOCOLS = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

const at = (id) => document.getElementById(id);
const histories = new Map(); // container -> [{rx, tx, packets, drops}]
let drops = []; // the newest first
let held = null; // those that came while it is paused
let lost = 0;
let live = false;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const count = (n) => (n < 100000 ? whole.format(n) : short.format(n));
const perSecond = (n) => (n > 0 && n < 9.95 ? n.toFixed(1) : count(n));

function bytes(n) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  for (; n >= 999.5 && unit < units.length - 1; unit++) n /= 1000;
  return `${unit && n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

// ---- containers ----

function draw(svg, values) {
  const top = Math.max(...values, 1e-9) * 1.1;
  const points = values.map((value, index) => {
    const x = 120 - ((values.length - 1 - index) * 120) / (HISTORY - 1);
    return `${x.toFixed(1)} ${(35.5 - (value / top) * 34).toFixed(1)}`;
  });
  const first = points[0]?.split(' ')[0];
  svg.querySelector('.edge').setAttribute('d', points.length > 1 ? `M${points.join('L')}` : '');
  svg.querySelector('.area').setAttribute('d', points.length > 1 ? `M${first} 36L${points.join('L')}L120 36Z` : '');
}

/* One that is chosen stays, as its drops do. */
function forget(name) {
  for (const option of [...at('filter').options]) if (option.value === name && !option.selected) option.remove();
}

function cardOf(name) {
  for (const card of at('containers').children) if (card.dataset.container === name) return card;
  const card = at('card').content.firstElementChild.cloneNode(true);
  card.dataset.container = name;
  const after = [...at('containers').children].find((other) => other.dataset.container > name);
  at('containers').insertBefore(card, after ?? null);
  if (![...at('filter').options].some((option) => option.value === name)) at('filter').append(new Option(name, name));
  return card;
}

function fill(card, { name, default: action, addrs, counters, rates, rules }) {
  const field = (key) => card.querySelector(`[data-field="${key}"]`);
  set(field('name'), name);
  set(field('default'), `default ${action}`);
  field('default').dataset.value = action;
  set(field('addrs'), addrs.filter((address) => !address.startsWith('fe80:'))[0] ?? '');
  set(field('traffic'), `${bytes(rates.rx + rates.tx)}/s`);
  set(field('drop_rate'), `${perSecond(rates.drops)}/s`);
  set(field('rx_packets'), count(counters?.rx_packets ?? 0));
  set(field('tx_packets'), count(counters?.tx_packets ?? 0));
  set(field('rx_bytes'), bytes(counters?.rx_bytes ?? 0));
  set(field('tx_bytes'), bytes(counters?.tx_bytes ?? 0));
  set(field('dropped'), count(counters?.dropped ?? 0));
  const reasons = Object.entries(counters?.drops ?? {}).filter(([, n]) => n > 0);
  field('reasons').replaceChildren(...reasons.map(([reason, n]) => make('li', 'reason', `${reason} ${count(n)}`)));
  set(card.querySelector('summary'), rules.length === 1 ? '1 rule' : `${rules.length} rules`);
  const list = card.querySelector('.rules');
  if (list.childElementCount !== rules.length || rules.some((rule, n) => list.children[n].textContent !== rule))
    list.replaceChildren(...rules.map((rule) => make('li', '', rule)));
  const history = histories.get(name) ?? [];
  const [traffic, dropped] = card.querySelectorAll('.spark');
  draw(
    traffic,
    history.map(({ rx, tx }) => rx + tx),
  );
  draw(
    dropped,
    history.map((one) => one.drops),
  );
}

function showState(state) {
  const { containers, version, kernel, uplinks, programs } = state;
  at('trouble').hidden = true;
  const uplinkText = uplinks.length ? `uplink ${uplinks.join(', ')}` : 'no uplink';
  set(at('host'), `${version} · Linux ${kernel} · ${programs} programs · ${uplinkText}`);
  const sum = (key) => containers.reduce((total, { rates }) => total + rates[key], 0);
  set(at('total-containers'), count(containers.length));
  set(at('total-packets'), perSecond(sum('packets')));
  set(at('total-traffic'), `${bytes(sum('rx') + sum('tx'))}/s`);
  set(at('total-drops'), perSecond(sum('drops')));
  at('no-containers').hidden = containers.length > 0;
  const names = new Set(containers.map(({ name }) => name));
  for (const card of [...at('containers').children]) {
    if (names.has(card.dataset.container)) continue;
    histories.delete(card.dataset.container);
    forget(card.dataset.container);
    card.remove();
  }
  for (const container of containers) {
    const history = histories.get(container.name) ?? [];
    if (live) histories.set(container.name, [...history.slice(1 - HISTORY), container.rates]);
    fill(cardOf(container.name), container);
  }
  live = true;
}

// ---- drops ----

const endpoint = (address, port) => {
  if (!address) return 'not IP';
  if (!port) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
};
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function rowOf(drop) {
  const row = make('tr');
  if (drop.kind !== 'drop') {
    const told = make(
      'td',
      'gap',
      drop.kind === 'lost' ? `${count(drop.lost)} drops were not told` : `the stream was interrupted: ${drop.reason}`,
    );
    told.colSpan = 7;
    row.append(told);
    return row;
  }
  const isConnect = drop.layer === 'cgroup' && drop.len === 0;
  row.dataset.container = drop.container;
  row.dataset.reason = drop.reason;
  const reason = make('td');
  reason.append(make('span', 'reason', drop.reason));
  const to = make('td', 'ends', endpoint(drop.dst_ip, drop.dst_port));
  if (drop.domain) to.append(make('i', '', drop.domain));
  row.append(
    make('td', '', clock.format(new Date(drop.time))),
    make('td', 'who', drop.container || '(uplinks)'),
    reason,
    make('td', '', drop.layer),
    make('td', '', String(PROTOCOLS[drop.proto] ?? drop.proto)),
    make('td', 'ends', isConnect ? 'connect(2)' : endpoint(drop.src_ip, drop.src_port)),
    to,
  );
  return row;
}

const isShown = (drop) => !at('filter').value || drop.kind !== 'drop' || drop.container === at('filter').value;

function showDrops() {
  const shown = drops.filter(isShown);
  at('drops').replaceChildren(...shown.map(rowOf));
  at('no-drops').hidden = shown.length > 0;
}

function take(drop) {
  if (drop.kind === 'lost') {
    lost += drop.lost;
    set(at('lost'), `${count(lost)} not told`);
  }
  if (held) {
    held = [drop, ...held].slice(0, ROWS);
    set(at('pause'), `Go on (${held.length})`);
    return;
  }
  drops = [drop, ...drops].slice(0, ROWS);
  if (!isShown(drop)) return;
  at('no-drops').hidden = true;
  at('drops').prepend(rowOf(drop));
  while (at('drops').childElementCount > ROWS) at('drops').lastElementChild.remove();
}

at('filter').addEventListener('change', showDrops);
at('pause').addEventListener('click', () => {
  if (held) {
    drops = [...held, ...drops].slice(0, ROWS);
    held = null;
    showDrops();
  } else {
    held = [];
  }
  at('pause').setAttribute('aria-pressed', String(held !== null));
  set(at('pause'), held ? 'Go on (0)' : 'Pause');
});

// ---- the stream ----

function setLink(state, text) {
  at('link').dataset.state = state;
  set(at('link'), text);
}

const stream = new EventSource('events');
const on = (name, handle) => stream.addEventListener(name, ({ data }) => handle(JSON.parse(data)));

stream.addEventListener('open', () => setLink('live', 'live'));
stream.addEventListener('error', () => setLink('waiting', 'connecting'));
on('hello', ({ history, recent }) => {
  histories.clear();
  live = false;
  for (const [name, samples] of Object.entries(history)) histories.set(name, samples);
  drops = recent.reverse();
  showDrops();
});
on('state', showState);
on('trouble', ({ message }) => {
  set(at('trouble'), message);
  at('trouble').hidden = false;
});
for (const kind of ['drop', 'lost', 'restart']) on(kind, take);
