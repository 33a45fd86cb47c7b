/**
 * Where a value that was read from JSON holds text that PostgreSQL can store neither as text nor as jsonb: a NUL, or
 * half of a surrogate pair. Returns the path of the field (`metadata.note`; '' is the value itself), or null.
 *
 * JSON can write both only as an escape, so whoever has the bytes asks `mayHoldUnstorableText` first.
 */
export function unstorableTextAt(value: unknown): string | null {
  // No recursion: JSON nests deeper than a stack does.
  const open: [path: string, value: unknown][] = [['', value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, item] = next;
    if (typeof item === 'string' && !isStorable(item)) return path;
    if (typeof item !== 'object' || item === null) continue;
    for (const [name, child] of Object.entries(item)) {
      const childPath = path === '' ? name : `${path}.${name}`;
      if (!isStorable(name)) return path;
      open.push([childPath, child]);
    }
  }
  return null;
}

/** Quick and on the safe side: false says that the JSON text holds no escaped character at all. */
export const mayHoldUnstorableText = (json: string | Buffer): boolean => json.includes('\\u');

const isStorable = (text: string): boolean => !text.includes('\0') && !HALF_PAIR.test(text);

/** With the flag `u`, a pair is one character, so only its halves alone are in this class. */
const HALF_PAIR = /[\ud800-\udfff]/u;
