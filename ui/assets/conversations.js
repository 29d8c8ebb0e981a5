// Earlier conversations: stored by the server as they go, and shown again as they were answered.
const CURRENT = 'quoth.conversation';  // the one in this tab, which a reload shows again
let current = null;

function setCurrent(id) {
  current = id;
  if (id) sessionStorage.setItem(CURRENT, id); else sessionStorage.removeItem(CURRENT);
}

// An answer came: the server says where it is stored, or why it is not.
function noteStored(turn, {conversation: id, turn: stored, message}) {
  if (!turn.isConnected) return;  // another conversation was begun meanwhile
  turn.quothTurn = stored;
  if (id) setCurrent(id);
  if (message) toast(message);
  drawHistory();
}

async function drawHistory() {
  const find = $('#find-conversation');
  const found = await get(`conversations?find=${encodeURIComponent(find.value)}`);
  quoth.titleField = found.field;
  $('#history').hidden = !found.total && !find.value;
  $('#history ul').innerHTML = found.html;
}

// Show a conversation again; false when it is gone.
async function resume(id, {pushed = false} = {}) {
  const found = await get(`conversations/${encodeURIComponent(id)}`);
  if (!found.turns?.length) {
    setCurrent(null);
    if (found.message) toast(found.message);
    return false;
  }
  if (isNarrow()) toggleShelf(false);
  clear();
  setCurrent(id);
  if (!pushed) history.pushState({conversation: id}, '');
  for (const stored of found.turns) {
    const turn = element(stored.html);
    turn.quothTurn = stored.turn;
    turn.quothCarry = stored.carry;
    $('header', turn).after(momentAsked(stored.created));
    conversation().append(turn);
    settle(turn, true);
  }
  showAddress();
  turns().at(-1)?.scrollIntoView({block: 'start'});
  return true;
}

function momentAsked(created) {
  const line = element('<p class="moment"><time></time></p>');
  const moment = new Date(created).toLocaleString(document.documentElement.lang, {dateStyle: 'medium', timeStyle: 'short'});
  $('time', line).dateTime = created;
  $('time', line).textContent = say('moment_asked', {date: moment});
  return line;
}

function clear() {
  if (document.body.classList.contains('reading')) closeReader();
  conversation().replaceChildren();
}

function begin({pushed = false} = {}) {
  clear();
  setCurrent(null);
  if (!pushed) history.pushState({conversation: null}, '');
  showAddress();
  greet();
  $('#question textarea').focus();
}

// What stands before the first question tells how much there is to ask.
async function greet() {
  const {welcome} = await get('start');
  if (!conversation().firstElementChild || $('.welcome')) conversation().innerHTML = welcome;
}

function renameConversation(row) {
  const past = $('.past', row);
  const field = element(quoth.titleField);
  const title = past.textContent;
  field.value = title;
  past.replaceWith(field);
  field.select();
  let isDone = false;
  const settled = async (save) => {
    if (isDone) return;
    isDone = true;  // taking the field away is a blur, too
    field.replaceWith(past);
    past.focus();
    if (!save || !field.value.trim() || field.value === title) return;
    const {message} = await post('conversations/rename', {conversation: row.dataset.conversation, title: field.value});
    if (message) toast(message);
    drawHistory();
  };
  field.addEventListener('blur', () => settled(true));
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') settled(true);
    if (event.key === 'Escape') { event.stopPropagation(); settled(false); }
  });
}

async function deleteConversation(row) {
  const id = row.dataset.conversation;
  const {message} = await post('conversations/delete', {conversation: id});
  toast(message, say('undo'), async () => {
    await post('conversations/restore', {conversation: id});
    drawHistory();
  });
  if (id === current) begin();
  drawHistory();
}

async function forgetAll() {
  await post('conversations/forget-all', {});
  if (current) begin();
  drawHistory();
}

function listenToHistory() {
  localStorage.removeItem('quoth.history');  // an earlier version kept questions in the browser
  $('#history').addEventListener('click', (event) => {
    const row = event.target.closest('[data-conversation]');
    if (event.target.closest('.forget-all')) forgetAll();
    else if (event.target.closest('.past')) resume(row.dataset.conversation);
    else if (event.target.closest('.rename')) renameConversation(row);
    else if (event.target.closest('.forget')) deleteConversation(row);
  });
  $('#find-conversation').addEventListener('input', later(150, drawHistory));
  window.addEventListener('popstate', (event) => {
    const id = event.state?.conversation;
    const quote = new URLSearchParams(location.search).get('quote');
    if (id) resume(id, {pushed: true});
    else if (quote) showQuote(quote);
    else begin({pushed: true});
  });
  drawHistory().catch(() => {});
}
