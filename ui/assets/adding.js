// Files on their way to the server: each is sent by itself, three at a time.
const AT_ONCE = 3;
const sending = new Map();
const queue = [];
const names = new Map();
let sendingNow = 0;

// How many files were chosen that the server does not have yet, nor ever refused.
const unsent = () => [...sending.values()].filter((one) => !one.settled).length;
const forgetNames = () => names.clear();

function showSending() {
  let list = $('#adding .sending');
  if (!sending.size) { list?.remove(); return; }
  list ??= $('#adding').appendChild(element('<ul class="sending"></ul>'));
  list.replaceChildren(...[...sending.values()].slice(0, 20).map((one) => one.row));
}

// The server counts what was chosen, so that the numbers outlive this page.
async function countOnServer(counts) {
  try { await post('adding', counts); } catch { /* it cannot be reached: the file says so itself */ }
}

// Different files of one name, chosen from different folders, are both kept.
function distinctName({file, name}) {
  const differs = (other) => other && (other.size !== file.size || other.lastModified !== file.lastModified);
  const [, stem, suffix] = /^(.*?)(\.[^./]*)?$/s.exec(name);
  let distinct = name;
  for (let n = 2; differs(names.get(distinct)); n += 1) distinct = `${stem} (${n})${suffix ?? ''}`;
  names.set(distinct, file);
  return distinct;
}

async function send(files) {
  const chosen = files.map((each) => ({file: each.file, name: distinctName(each)}));
  const entries = chosen.map(({file, name}) => {
    const row = element('<li><bdi></bdi><span class="state"></span><button type="button" class="tool"></button><span class="sent"><i style="width:0"></i></span></li>');
    $('bdi', row).textContent = name;
    $('.state', row).textContent = say('state_sending');
    const button = $('button', row);
    button.append(element('<svg class="icon" aria-hidden="true"><use href="#icon-close"/></svg>'));
    button.setAttribute('aria-label', `${say('cancel')}: ${name}`);
    const one = {file, name, row, request: null, settled: false};
    button.addEventListener('click', () => stopSending(one));
    sending.set(row, one);
    return one;
  });
  showSending();
  await countOnServer({chosen: entries.length});  // before any of them arrives
  queue.push(...entries);
  sendNext();
  refreshShelf();
}

async function stopSending(one) {
  const reports = !one.settled;
  takeOff(one);
  showSending();
  if (reports) { await countOnServer({cancelled: 1}); refreshShelf(); }
}

function takeOff(one) {
  one.settled = true;
  one.request?.abort();
  sending.delete(one.row);
}

async function stopAll() {
  const stopped = [...sending.values()].filter((one) => !one.settled);
  stopped.forEach(takeOff);
  showSending();
  if (stopped.length) await countOnServer({cancelled: stopped.length});
}

function dismissRefused() {
  for (const one of [...sending.values()]) if (one.settled) sending.delete(one.row);
  showSending();
}

function sendNext() {
  while (sendingNow < AT_ONCE && queue.length) {
    const one = queue.shift();
    if (one.settled) continue;
    if (one.file.size > quoth.largest) {
      refuse(one, say('too_large', {limit: `${Math.round(quoth.largest / 1048576)} MiB`}));
      countOnServer({refused: 1});
      continue;
    }
    sendingNow += 1;
    transfer(one).finally(() => { sendingNow -= 1; sendNext(); if (!polling || !unsent()) refreshShelf(); });
  }
}

function transfer(one) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    one.request = request;
    const about = new URLSearchParams({name: one.name, modified: one.file.lastModified / 1000, announced: true});
    request.open('PUT', `${base}page/files?${about}`);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) $('i', one.row).style.width = `${100 * event.loaded / event.total}%`;
    });
    request.addEventListener('loadend', () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* no answer at all */ }
      if (answer.file || answer.refused || one.settled) takeOff(one);  // the server lists it
      else {
        refuse(one, say('unreachable'));
        countOnServer({unsent: 1});
      }
      showSending();
      done();
    });
    request.send(one.file);
  });
}

function refuse(one, reason) {
  one.settled = true;
  one.row.className = 'refused';
  $('.state', one.row).textContent = say('state_refused');
  $('.sent', one.row).replaceWith(element('<span class="reason" dir="auto"></span>'));
  $('.reason', one.row).textContent = reason;
  $('button', one.row).setAttribute('aria-label', `${say('dismiss')}: ${one.name}`);
}

// What was dropped, folders walked through; hidden files are left out.
async function filesOf(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  // Both are to be asked for at once: after the first wait the browser has let go of the items.
  const dropped = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const found = [];
  for (const [entry, file] of dropped) {
    if (entry) await walk(entry, '', found);
    else if (file) found.push({file, name: file.name});
  }
  return found;
}

async function walk(entry, path, found) {
  if (entry.name.startsWith('.')) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({file, name: path + entry.name});
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await walk(one, `${path}${entry.name}/`, found);
  }
}

function pick(folder) {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = folder;
  input.addEventListener('change', () => send([...input.files]
    .map((file) => ({file, name: file.webkitRelativePath || file.name}))
    .filter(({name}) => !name.split('/').some((part) => part.startsWith('.')))));
  input.click();
}

function listenToFiles() {
  let depth = 0;
  const over = (change) => (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    depth = Math.max(0, depth + change);
    document.body.classList.toggle('dropping', depth > 0);
  };
  document.addEventListener('dragenter', over(1));
  document.addEventListener('dragover', over(0));
  document.addEventListener('dragleave', over(-1));
  document.addEventListener('drop', async (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    depth = 0;
    document.body.classList.remove('dropping');
    const files = await filesOf(event.dataTransfer);
    if (files.length) { toggleShelf(true); send(files); }
  });
  window.addEventListener('beforeunload', (event) => {
    if (unsent()) event.preventDefault();  // the browser asks whether to leave
  });
  window.addEventListener('pagehide', () => {
    const counts = new Blob([JSON.stringify({unsent: unsent()})], {type: 'application/json'});
    if (unsent()) navigator.sendBeacon(`${base}page/adding`, counts);
  });
}
