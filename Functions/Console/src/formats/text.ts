/** Control characters but for line ends and tabs, and those that turn the direction of what follows them or can't be seen. */
const deceptive = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A stored text with the characters written out that would make it look like another, such as `U+202E`. */
export function makeVisible(text: string): string {
  return text.replace(deceptive, character => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);
}
