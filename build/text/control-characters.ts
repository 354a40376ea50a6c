/** Control characters, which could make a terminal or a browser do things. */

/** A text whose control characters can be seen, such as ESC as ␛; tabs and line ends stay as they are. */
export function visible(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/gu, picture);
}

/** Unicode has a picture of each character below the space, and of DEL. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : "\ufffd";
}
