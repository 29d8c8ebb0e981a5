// What surrounds the list of documents: adding, removing, and how far that is.
const isNarrow = () => window.innerWidth < 1000;
const sending = new Map();
const queue = [];
let sendingNow = 0;
let polling = null;

function toggleShelf(open) {
  document.body.classList.toggle('shelved', open);
  const shown = document.body.classList.contains('shelved');
  $('#bar .toggle').setAttribute('aria-expanded', String(shown));
  if (shown && isNarrow()) $('#shelf button, #shelf input')?.focus();
}

// The lists are drawn by the server; only a part that changed is replaced.
async function refreshShelf() {
  const found = await get('documents');
  const before = shelfList.version;
  await showVersion(found.version, found.removable);
  if (before && before !== found.version && $('.welcome')) greet();
  replace($('#notes'), found.notes);
  replace($('#adding'), found.adding);
  showSending();
  clearTimeout(polling);
  if (found.waiting || sending.size) polling = setTimeout(refreshShelf, 700);
}

function replace(place, html) {
  if (place.drawn === html) return false;
  place.drawn = html;
  place.innerHTML = html;
  return true;
}

function showSending() {
  let list = $('#adding .sending');
  if (!sending.size) { list?.remove(); return; }
  list ??= $('#adding').appendChild(element('<ul class="sending"></ul>'));
  list.replaceChildren(...[...sending.values()].slice(0, 20).map((one) => one.row));
}

// Many files and whole folders: each is sent by itself, three at a time.
function send(files) {
  for (const {file, name} of files) {
    const row = element('<li><bdi></bdi><span class="state"></span><button type="button" class="tool"></button><span class="sent"><i style="width:0"></i></span></li>');
    $('bdi', row).textContent = name;
    $('.state', row).textContent = say('state_sending');
    const button = $('button', row);
    button.append(element('<svg class="icon" aria-hidden="true"><use href="#icon-close"/></svg>'));
    button.setAttribute('aria-label', `${say('cancel')}: ${name}`);
    const one = {file, name, row, request: null, stopped: false};
    button.addEventListener('click', () => stopSending(one));
    sending.set(row, one);
    queue.push(one);
  }
  showSending();
  sendNext();
}

function stopSending(one) {
  one.stopped = true;
  one.request?.abort();
  sending.delete(one.row);
  showSending();
}

function sendNext() {
  while (sendingNow < 3 && queue.length) {
    const one = queue.shift();
    if (one.stopped) continue;
    if (one.file.size > quoth.largest) {
      refuse(one, say('too_large', {limit: `${Math.round(quoth.largest / 1048576)} MiB`}));
      continue;
    }
    sendingNow += 1;
    transfer(one).finally(() => { sendingNow -= 1; sendNext(); if (!polling || !sending.size) refreshShelf(); });
  }
}

function transfer(one) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    one.request = request;
    const asked = new URLSearchParams({name: one.name, modified: one.file.lastModified / 1000});
    request.open('PUT', `${base}page/files?${asked}`);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) $('i', one.row).style.width = `${100 * event.loaded / event.total}%`;
    });
    request.addEventListener('loadend', () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* no answer at all */ }
      if (answer.file || one.stopped) sending.delete(one.row);
      else refuse(one, answer.message ?? say('unreachable'));
      showSending();
      done();
    });
    request.send(one.file);
  });
}

function refuse(one, reason) {
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

// Take up the model that knows more languages; the old one answers meanwhile.
async function switchModel() {
  await post('switch', {});
  toggleShelf(true);
  refreshShelf();
}

async function removeDocument(key) {
  const said = await post('remove', {key});
  toast(said.message, say('undo'), async () => {
    await post('undo', {key});
    refreshShelf();
  });
  refreshShelf();
}

function listenToShelf() {
  const shelf = $('#shelf');
  shelf.addEventListener('click', async (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at('.switch')) switchModel();
    else if (at('[data-pick]')) pick(at('[data-pick]').dataset.pick === 'folder');
    else if (at('[data-cancel]')) {
      const file = at('[data-cancel]').dataset.cancel;
      if (!file) [...sending.values()].forEach(stopSending);
      await post('cancel', {file: file ? Number(file) : null});
      refreshShelf();
    } else if (at('[data-dismiss]')) { await post('dismiss', {}); refreshShelf(); }
  });
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
}
