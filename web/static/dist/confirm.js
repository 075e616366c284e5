// <button data-confirm="What will happen"> asks before its form is sent. The button's own words name the action;
// "Keep it" has the focus, so Enter changes nothing. Without a script the form is sent at once: only use it for
// what can be undone, and a page or a typed name for what cannot.
document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!button || !button.dataset.confirm || button.dataset.confirmed) return;
  event.preventDefault();
  ask(button);
});

function ask(button) {
  const dialog = document.createElement('dialog');
  dialog.className = 'dlg';
  dialog.setAttribute('aria-labelledby', 'ask-title');
  dialog.append(
    element('h3', button.textContent.trim() + '?', 'ask-title'),
    element('p', button.dataset.confirm),
  );
  const buttons = document.createElement('div');
  buttons.className = 'acts';
  buttons.append(
    choice('Keep it', 'btn btn-quiet', ''),
    choice(button.textContent.trim(), 'btn btn-danger', 'yes'),
  );
  const form = document.createElement('form');
  form.method = 'dialog';
  form.append(buttons);
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    dialog.remove();
    button.focus();
    if (dialog.returnValue !== 'yes') return;
    button.dataset.confirmed = 'yes';
    button.form.requestSubmit(button);
  });
  dialog.showModal();
}

function element(tag, text, id) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (id) made.id = id;
  return made;
}

function choice(text, style, value) {
  const button = element('button', text);
  button.className = style;
  button.value = value;
  return button;
}
