// <form data-passkey="create|get" data-options="/address">: asks the server for the ceremony, the browser for the
// passkey, and sends the answer as the form's own fields (data-prefix: what their names begin with). Hidden where the browser knows no passkeys.
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

function readable(options) {
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials])
    for (const one of list || []) one.id = decode(one.id);
  return options;
}

function put(form, plain, value) {
  const name = (form.dataset.prefix || '') + plain;
  let field = form.elements.namedItem(name);
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

async function ask(form) {
  const answer = await fetch(form.dataset.options, {
    method: 'POST', body: new URLSearchParams({ csrf: form.elements.namedItem('csrf').value }),
  });
  const why = { 409: 'Passkeys are not set up at this address.', 429: 'Too many attempts. Wait some minutes.' };
  if (!answer.ok) throw new Error(why[answer.status] || 'Reload the page and try again.');
  const { token, publicKey } = await answer.json();
  const kind = form.dataset.passkey;
  const credential = await navigator.credentials[kind]({ publicKey: readable(publicKey) });
  const { response } = credential;
  put(form, 'token', token);
  put(form, 'client_data', encode(response.clientDataJSON));
  if (kind === 'create') {
    put(form, 'attestation_object', encode(response.attestationObject));
  } else {
    put(form, 'credential_id', encode(credential.rawId));
    put(form, 'authenticator_data', encode(response.authenticatorData));
    put(form, 'signature', encode(response.signature));
  }
}

// Browsers say NotAllowedError for a closed dialogue, a timeout and no fitting key alike.
const words = (error) => ({
  NotAllowedError: 'Nothing was chosen, or no passkey fits.',
  InvalidStateError: 'This key is added already.',
  SecurityError: 'Passkeys do not work at this address.',
})[error.name] || error.message;

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const note = form.querySelector('[data-passkey-error]');
      const button = form.querySelector('button');
      note.hidden = true;
      button.disabled = true;
      try {
        await ask(form);
        form.submit();
      } catch (error) {
        note.textContent = words(error);
        note.hidden = false;
        button.disabled = false;
      }
    });
  }
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
