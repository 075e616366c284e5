// Rows of the site editor, added and removed in place. Without a script the same buttons (name="add",
// name="remove") submit the form and the server answers with one row more or less.
const number = /\d+/;

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[name="add"], button[name="remove"]');
  if (!button) return;
  const list = button.closest('.fg').querySelector('[data-rows]');
  if (!list) return;
  event.preventDefault();
  const form = button.form;
  if (button.name === 'add') add(list);
  else remove(list, button.closest('.urow'));
  form.dispatchEvent(new Event('change', { bubbles: true }));
});

const rowsOf = (list) => [...list.querySelectorAll('.urow:not(.h)')];

function add(list) {
  const rows = rowsOf(list);
  const row = rows[rows.length - 1].cloneNode(true);
  row.querySelectorAll('.err').forEach((note) => note.remove());
  for (const field of row.querySelectorAll('input')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
    if (field.type === 'checkbox') field.checked = false;
    else field.value = field.dataset.first || '';
  }
  list.append(row);
  renumber(list);
  row.querySelector('input').focus();
}

function remove(list, row) {
  const rows = rowsOf(list);
  if (rows.length > 1) row.remove();
  else row.querySelectorAll('input:not([type=checkbox])').forEach((field) => (field.value = ''));
  renumber(list);
  list.querySelector('input').focus();
}

// Names, ids and labels carry the row's number from 0, the words for people from 1.
function renumber(list) {
  rowsOf(list).forEach((row, index) => {
    for (const field of row.querySelectorAll('input, button')) {
      if (field.name === 'remove') field.value = index;
      else field.name = field.name.replace(number, index);
      if (field.id) field.id = field.id.replace(number, index);
      const label = field.getAttribute('aria-label');
      if (label) field.setAttribute('aria-label', label.replace(number, index + 1));
    }
  });
}
