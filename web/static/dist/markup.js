// The only way from text to markup in scripts of these pages: answers of our own server, which htmx puts in.
// The content security policy allows this one policy, and without createScript and createScriptURL no text
// becomes code, whoever wrote it.
if (window.trustedTypes) window.trustedTypes.createPolicy('default', { createHTML: (text) => text });
