// Passkeys: asks the browser for one and sends its answer with the form. Without it a code does the same.
const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (keys) => (keys || []).map((key) => ({ ...key, id: fromBase64(key.id) }));

function options(given) {
  const asked = { ...given.publicKey, challenge: fromBase64(given.publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: fromBase64(asked.user.id) };
  if (asked.excludeCredentials) asked.excludeCredentials = known(asked.excludeCredentials);
  if (asked.allowCredentials) asked.allowCredentials = known(asked.allowCredentials);
  return { publicKey: asked };
}

function plain(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toBase64(credential.response[part]);
  }
  return {
    id: credential.id, rawId: toBase64(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
  };
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const error = form.querySelector("[data-passkey-error]");
    error.hidden = true;
    try {
      const asked = options(JSON.parse(document.getElementById(form.dataset.options).textContent));
      const credential = await navigator.credentials[form.dataset.passkey](asked);
      form.elements.credential.value = JSON.stringify(plain(credential));
      form.submit();
    } catch (refused) {
      error.hidden = false;
    }
  });
});
