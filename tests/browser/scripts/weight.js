// Bytes of script that the page asks for, as they are before any compression.
// Fetched anew: what a browser tells of a file from its own memory may be nought.
() => Promise.all([...document.scripts].filter((script) => script.src).map(async (script) => ({ name: new URL(script.src).pathname, bytes: (await (await fetch(script.src)).arrayBuffer()).byteLength })))
