import type { Expression } from './expression.js';
import { NotAllowed } from './sql-text.js';
import { numberOfText } from './values.js';

type Fields = Readonly<Record<string, unknown>>;

/** A literal. PostgreSQL leaves zeros and empty texts out of its tree. */
export function readConstant(fields: Fields): Expression {
  const part = (name: string): Fields | undefined => fields[name] as Fields | undefined;
  if (fields['isnull'] === true) return { kind: 'null' };
  if (part('boolval')) return { kind: 'truth', truth: part('boolval')?.['boolval'] === true };
  if (part('sval')) return { kind: 'text', text: String(part('sval')?.['sval'] ?? '') };
  if (part('ival')) return { kind: 'number', digits: String(part('ival')?.['ival'] ?? 0) };
  if (part('fval')) {
    const written = String(part('fval')?.['fval'] ?? '0');
    const number = numberOfText(written);
    if (!number) throw new NotAllowed(`the number ${written} has too many digits`);
    return { kind: 'number', digits: String(number) };
  }
  throw new NotAllowed('a literal of this kind is not allowed');
}
