// Paths below tangled/, and what other systems make of them.

/** Every system holds a path of so many bytes, with room for the folder it is in. */
const longest = 200;

/** What is wrong with the path of a tangled file, if anything. */
export function wrongPath(path: string): string | undefined {
  if (path === "") return "the path is empty: name a file under tangled/";
  if (path.includes("\\"))
    return `"${path}" holds a backslash: write the path with /`;
  if (/[\p{C}:*?"<>|{}]/u.test(path)) {
    return `"${path}" holds a character that not every system allows: use letters, digits, - and .`;
  }
  const parts = path.split("/");
  if (parts.some((part) => part === ".." || part === "." || part === "")) {
    return `"${path}" leaves tangled/: write a plain relative path, without . or ..`;
  }
  if (alike(parts[0]).startsWith(".tangle")) {
    return `"${path}" is the tangler's own: choose another name`;
  }
  if (Buffer.byteLength(path) > longest) {
    return `this path is longer than ${longest} bytes, which not every system allows: shorten it`;
  }
  return parts.map(wrongPart).find((message) => message);
}

/** Names that mean a device on Windows, whatever follows after a dot. */
const device =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])(?: *\..*)?$/isu;

function wrongPart(part: string): string | undefined {
  if (device.test(part))
    return `"${part}" is a device on Windows: choose another name`;
  if (!/^\s|[\s.]$/u.test(part)) return undefined;
  return `"${part}" begins with a space, or ends with a space or a dot, which not every system `
    + "keeps: choose another name";
}

/** The same for any two paths that some system takes for one. */
export function alike(path: string): string {
  return path.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}
