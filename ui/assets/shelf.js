// What surrounds the list of documents: removing them, changing the model, and how far that is.
const isNarrow = () => window.innerWidth < 1000;
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
  if (!found.waiting && !unsent()) forgetNames();
  if (found.waiting || unsent()) polling = setTimeout(refreshShelf, 700);
}

function replace(place, html) {
  if (place.drawn === html) return false;
  place.drawn = html;
  place.innerHTML = html;
  return true;
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
      if (!file) await stopAll();
      await post('cancel', {file: file ? Number(file) : null});
      refreshShelf();
    } else if (at('[data-dismiss]')) { dismissRefused(); await post('dismiss', {}); refreshShelf(); }
  });
  listenToFiles();
}
