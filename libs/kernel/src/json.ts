import { isUtf8 } from 'node:buffer';
import { unkeptNumberAt } from './json-numbers.js';
import { mayHoldUnstorableText, unstorableTextAt } from './text.js';

/** `not_json`: cannot be read at all. The others are JSON that we could not keep as it is, with the path of the field. */
export type JsonFault =
  | { readonly kind: 'not_json'; readonly message: string; readonly cause?: unknown }
  | { readonly kind: 'number' | 'text' | 'name'; readonly message: string; readonly path: string };

export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault };

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** An object that is copied field by field takes a field of this name for what it inherits from. */
const INHERITED = '__proto__';

/**
 * The one way in for JSON that others wrote, over HTTP and over Kafka: what is refused here is refused by both. UTF-8
 * without a byte order mark; numbers that a double keeps; text that PostgreSQL stores; no field named `__proto__`.
 * Of a field that stands twice, the last one counts.
 */
export function readJson(bytes: Uint8Array): ReadJson {
  if (!isUtf8(bytes)) return notJson('it is no UTF-8');
  if (BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte)) {
    return notJson('it begins with a byte order mark; send it without');
  }
  const json = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = json.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return notJson(String(cause), cause);
  }
  const fault = numberFault(json, text) ?? textFault(text, value) ?? nameFault(text, value);
  return fault === null ? { ok: true, value } : { ok: false, fault };
}

function numberFault(json: Buffer, text: string): JsonFault | null {
  const path = unkeptNumberAt(json, text);
  if (path === null) return null;
  const message =
    'A number has no more digits than a double keeps, 15 of any kind. Send a longer one as a string.';
  return { kind: 'number', message, path };
}

function textFault(text: string, value: unknown): JsonFault | null {
  const path = mayHoldUnstorableText(text) ? unstorableTextAt(value) : null;
  if (path === null) return null;
  return {
    kind: 'text',
    message: 'Text has no NUL character and no half of a surrogate pair.',
    path,
  };
}

/** The name may be written with escapes, so those are looked into as well. */
function nameFault(text: string, value: unknown): JsonFault | null {
  const mayHold = text.includes(INHERITED) || text.includes('\\u');
  const path = mayHold ? inheritedNameAt(value) : null;
  if (path === null) return null;
  return { kind: 'name', message: `No field has the name ${INHERITED}.`, path };
}

function inheritedNameAt(value: unknown): string | null {
  const open: [path: string, value: unknown][] = [['', value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, item] = next;
    if (typeof item !== 'object' || item === null) continue;
    for (const [name, child] of Object.entries(item)) {
      const childPath = path === '' ? name : `${path}.${name}`;
      if (name === INHERITED) return childPath;
      open.push([childPath, child]);
    }
  }
  return null;
}

const notJson = (message: string, cause?: unknown): ReadJson => ({
  ok: false,
  fault: { kind: 'not_json', message, cause },
});
