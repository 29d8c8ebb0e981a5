// What all parts of the page share: finding, fetching, and passing messages.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const base = location.pathname.replace(/\/?$/, '/');
const quoth = {words: {}, largest: Infinity};
window.quoth = quoth;

// Fill in a sentence of the page's own words.
function say(key, values = {}) {
  let text = quoth.words[key] ?? '';
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

async function get(path) {
  const response = await fetch(`${base}page/${path}`);
  if (response.status === 401) location.reload();
  if (response.status === 503) {  // too much waits: in a moment it will not
    await new Promise((resolve) => setTimeout(resolve, 1000 * (response.headers.get('retry-after') ?? 2)));
    return get(path);
  }
  return response.json();
}

async function post(path, body, signal = null) {
  const response = await fetch(`${base}page/${path}`, {
    method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body), signal,
  });
  if (response.status === 401) location.reload();
  return response.json();
}

// HTML that our own server drew, as an element. What came from documents is escaped in it.
function element(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// A short message that goes by itself; with an action, it stays longer.
function toast(message, label, action) {
  const shown = document.createElement('div');
  const text = document.createElement('span');
  text.dir = 'auto';
  text.textContent = message;
  shown.append(text);
  if (label) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', () => { shown.remove(); action(); });
    shown.append(button);
  }
  $('#toasts').append(shown);
  setTimeout(() => shown.remove(), label ? 9000 : 2600);
}

function announce(message) { $('#said').textContent = message; }

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say('copied'));
  } catch {
    toast(say('not_copied'));
  }
}

function later(milliseconds, action) {
  let timer;
  return (...values) => { clearTimeout(timer); timer = setTimeout(action, milliseconds, ...values); };
}

// Put text into Gradio's question box as if it were typed.
function type(text) {
  const box = $('#question textarea');
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, text);
  box.dispatchEvent(new Event('input', {bubbles: true}));
  box.focus();
}
