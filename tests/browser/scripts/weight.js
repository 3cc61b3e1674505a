// Bytes of script that the page asked for, as they are before any compression.
() => performance.getEntriesByType("resource").filter((entry) => entry.initiatorType === "script" || /\.js(\?|$)/.test(entry.name)).map((entry) => ({ name: new URL(entry.name).pathname, bytes: entry.decodedBodySize }))
