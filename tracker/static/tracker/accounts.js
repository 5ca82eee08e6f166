// Passkeys: shown where the browser has them; a failure is told in words. allauth's scripts do the work.
"use strict";

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-without-passkeys]")) part.hidden = true;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const name = event.detail.exception.name;
  const said = name === "NotAllowedError"
    ? "That was cancelled, or took too long. Try again when you are ready."
    : name === "InvalidStateError"
      ? "This device holds a passkey for this account already."
      : "That did not work with this device. Try another way.";
  for (const part of document.querySelectorAll("[data-passkey-failed]")) part.textContent = said;
});
