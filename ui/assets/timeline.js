// The documents by their own dates, as bars above an answer; dragged over, they filter it.
const LEAST_DATED = 5;
const STEPS = [1, 12, 120];  // months a bar may stand for
const MOST_BARS = 60;
const DATE_SIGNS = /(^|\s)(?:after|before):\S+/g;

function monthOf(date) { return Number(date.slice(0, 4)) * 12 + (Number(date.slice(5, 7)) || 1) - 1; }

function monthText(month) { return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String(month % 12 + 1).padStart(2, '0')}`; }

function labelOf(month, step) { return step === 1 ? monthText(month) : monthText(month).slice(0, 4); }

// Count all dated documents, and those an answer cites, bar by bar; null where there is no chart.
function datedBars(turn) {
  const {columns, count} = shelfList;
  if (!columns) return null;
  const months = [];
  for (let row = 0; row < count; row += 1) if (columns.dates[row]) months.push(monthOf(columns.dates[row]));
  if (months.length < LEAST_DATED) return null;
  const [least, most] = months.reduce(([a, b], month) => [Math.min(a, month), Math.max(b, month)], [Infinity, -Infinity]);
  const step = STEPS.find((one) => (most - least) / one < MOST_BARS) ?? STEPS.at(-1);
  const start = Math.floor(least / step) * step;
  const bars = Array.from({length: Math.floor((most - start) / step) + 1}, () => ({all: 0, cited: 0}));
  if (bars.length < 2) return null;
  for (const month of months) bars[Math.floor((month - start) / step)].all += 1;
  for (const key of new Set($$('.card', turn).map((card) => card.dataset.key))) {
    const date = columns.dates[rowOfKey(key)];
    if (date) bars[Math.floor((monthOf(date) - start) / step)].cited += 1;
  }
  return {bars, start, step, dated: months.length};
}

// The bars that the question's own filters leave, from the first to the last.
function chosenBars({bars, start, step}, question) {
  const sign = (name) => new RegExp(`(?:^|\\s)${name}:(\\d{4}(?:-\\d{1,2})?)`).exec(question)?.[1];
  const bar = (text, beyond) => (text ? Math.floor((monthOf(text) - start - beyond) / step) : null);
  const within = (at) => Math.max(0, Math.min(bars.length - 1, at));
  return [within(bar(sign('after'), 0) ?? 0), within(bar(sign('before'), 1) ?? bars.length - 1)];
}

function drawBars(svg, bars) {
  const most = Math.max(...bars.map((bar) => bar.all));
  svg.setAttribute('viewBox', `0 0 ${bars.length} 100`);
  bars.forEach((bar, at) => {
    for (const kind of ['all', 'cited']) {
      if (!bar[kind]) continue;
      const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      const height = Math.max(8, 100 * bar[kind] / most);
      const values = {class: kind, x: at + 0.08, width: 0.84, y: 100 - height, height};
      for (const [name, value] of Object.entries(values)) rect.setAttribute(name, value);
      svg.append(rect);
    }
  });
}

function drawTimeline(turn = turns().at(-1)) {
  for (const old of $$('.timeline')) old.remove();
  const above = turn && $('.summary', turn);
  const chart = above && !turn.matches('.pending, [data-refused]') && datedBars(turn);
  if (!chart) return;
  const {bars, start, step} = chart;
  const chosen = chosenBars(chart, turn.dataset.question);
  const shown = element('<div class="timeline" role="group"><div class="plot"><svg preserveAspectRatio="none" aria-hidden="true"></svg><i class="span"></i></div><div class="ends" dir="ltr"><span class="first"></span><input type="range" class="from" min="0"><input type="range" class="to" min="0"><span class="last"></span></div><div class="offers"><span class="picked"></span><button type="button" class="again narrow"></button><button type="button" class="again whole"></button></div></div>');
  drawBars($('svg', shown), bars);
  [$('.from', shown), $('.to', shown)].forEach((field, end) => Object.assign(field, {max: bars.length - 1, value: chosen[end]}));
  shown.ariaLabel = say('timeline');
  $('.plot', shown).title = say('timeline_hint');
  $('.first', shown).textContent = labelOf(start, step);
  $('.last', shown).textContent = labelOf(start + step * (bars.length - 1), step);
  $('.from', shown).ariaLabel = say('timeline_from');
  $('.to', shown).ariaLabel = say('timeline_to');
  $('.narrow', shown).textContent = say('timeline_apply');
  $('.whole', shown).textContent = say('timeline_all');
  above.before(shown);
  listenToTimeline(shown, turn, chart, chosen);
}

function listenToTimeline(shown, turn, {bars, start, step}, chosen) {
  const [from, to] = [$('.from', shown), $('.to', shown)];
  const plot = $('.plot', shown);
  const picked = () => [Number(from.value), Number(to.value)].sort((a, b) => a - b);
  const show = () => {
    const [first, last] = picked();
    const {style} = $('.span', shown);
    style.left = `${100 * first / bars.length}%`;
    style.width = `${100 * (last - first + 1) / bars.length}%`;
    for (const field of [from, to]) field.ariaValueText = labelOf(start + step * Number(field.value), step);
    const documents = bars.slice(first, last + 1).reduce((sum, bar) => sum + bar.all, 0);
    const [a, b] = [first, last].map((at) => labelOf(start + step * at, step));
    $('.picked', shown).textContent = say('timeline_picked', {when: a === b ? a : `${a} – ${b}`, documents: documents.toLocaleString()});
    const whole = first === 0 && last === bars.length - 1;
    shown.classList.toggle('partly', !whole);
    $('.narrow', shown).hidden = first === chosen[0] && last === chosen[1];
    $('.whole', shown).hidden = !turn.dataset.question.match(DATE_SIGNS);
  };
  const apply = ([first, last]) => {
    const signs = [];
    if (first > 0) signs.push(`after:${labelOf(start + step * first, step)}`);
    if (last < bars.length - 1) signs.push(`before:${labelOf(start + step * (last + 1), step)}`);
    const text = turn.dataset.question.replace(DATE_SIGNS, ' ').replace(/\s+/g, ' ').trim();
    ask([text, ...signs].join(' '), {carry: JSON.parse(turn.dataset.carried), instead: turn});
  };
  const barAt = (event) => {
    const {left, width} = plot.getBoundingClientRect();
    return Math.max(0, Math.min(bars.length - 1, Math.floor(bars.length * (event.clientX - left) / width)));
  };
  let began = null;
  plot.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    began = barAt(event);
    plot.setPointerCapture(event.pointerId);
    from.value = to.value = began;
    show();
  });
  plot.addEventListener('pointermove', (event) => {
    if (began === null) return;
    [from.value, to.value] = [began, barAt(event)].sort((a, b) => a - b);
    show();
  });
  plot.addEventListener('pointerup', () => {
    if (began === null) return;
    began = null;
    apply(picked());
  });
  plot.addEventListener('pointercancel', () => { began = null; [from.value, to.value] = chosen; show(); });
  shown.addEventListener('input', show);
  $('.narrow', shown).addEventListener('click', (event) => { event.stopPropagation(); apply(picked()); });
  $('.whole', shown).addEventListener('click', (event) => { event.stopPropagation(); apply([0, bars.length - 1]); });
  show();
}

document.addEventListener('quoth-documents', () => drawTimeline());
