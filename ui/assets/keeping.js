// Files to take along: quotes of the conversation or of a case, and reports.
function countKept() {
  $('#bar .kept-count').textContent = say('export_kept', {name: casework.name, n: casework.count});
  $('#bar input[value="kept"]').disabled = !casework.count;
  if (!casework.count) $('#bar input[value="conversation"]').checked = true;
}

function quotesOfConversation() {
  return turns().map((turn) => ({
    question: turn.dataset.question,
    state: turn.dataset.state,
    places: $$('.strong > .card', turn).map(placeOf),
  }));
}

async function exportAs(format) {
  let done;
  if ($('#bar input[name="scope"]:checked').value === 'kept') done = await exportCase(format);
  else {
    const questions = quotesOfConversation();
    if (!questions.length) { toast(say('export_nothing')); return; }
    done = await download('page/export', {format, questions});
  }
  if (done) $('#bar .export').open = false;
}

// That nothing was found, as a file: the server searches again, so that it can vouch for the report.
async function saveReport(button) {
  const {question, carried} = button.closest('.turn').dataset;
  button.disabled = true;
  await download('page/report', {format: button.dataset.report, question, carry: JSON.parse(carried)})
    .finally(() => { button.disabled = false; });
}

async function download(path, request) {
  let response;
  try {
    response = await fetch(`${base}${path}`, {
      method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(request),
    });
  } catch {
    toast(say('unreachable'));
    return false;
  }
  if (!response.ok) {
    const refusal = await response.json();
    toast(refusal.message ?? refusal.detail ?? say('unreachable'));
    return false;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get('content-disposition'))?.[1] ?? 'quotes';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return true;
}
