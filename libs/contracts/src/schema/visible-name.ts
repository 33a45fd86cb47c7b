const JOINING_SCRIPTS = ['Arab', 'Syrc', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya']
  .concat(['Taml', 'Telu', 'Knda', 'Mlym', 'Sinh', 'Khmr', 'Mymr', 'Mong'])
  .map((script) => `\\p{sc=${script}}`)
  .join('');
/** U+2800 is a Braille cell without a dot. */
const UNSEEN = String.raw`\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800`;

/**
 * A name that people read, in lists and on receipts: not blank, one line, and nothing in it that is not
 * seen or turns the text around it. With U+202E it would show another name, and two that differ in U+200B
 * alone would look the same. Joiners stay where writing needs them, and the mark that gives a picture its
 * colours stays behind it.
 */
export const VISIBLE_NAME = new RegExp(
  String.raw`^(?=.*[^\s${UNSEEN}])(?:[^${UNSEEN}]|(?<=[${JOINING_SCRIPTS}])[\u200c\u200d]|(?<=\p{ExtPict})\ufe0f)+$`,
  'u',
);
export const NAME_SAYS =
  'is not blank and has no control characters, no invisible ones and none that turn the direction of text';
