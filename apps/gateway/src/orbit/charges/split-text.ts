import { ALLOWANCE_UNITS, type AllowanceSplit } from '@orbit/allowances';
import { micros, MICROS_MAX } from '@orbit/money';

/** An authorization is captured and released by its id alone, so the id says how it is paid. */
export const splitText = ({ unit, covered, quantity, priceMicros }: AllowanceSplit): string =>
  [unit, covered, quantity, priceMicros].join('.');

const WITH_SPLIT =
  /^([^.]+)\.([a-z_]+)\.(\d{1,10})\.(\d{1,10})\.(\d{1,16})(?:\.([A-Za-z0-9_-]{22}))?$/;

/** The claims written in an authorization id, before they are checked. */
export interface WrittenSplit {
  readonly authorizationId: string;
  /** Null: the wallet pays alone, or it does not say. */
  readonly terms: AllowanceSplit | null;
  /** Signs the rest of the text; null before ids were signed. */
  readonly tag: string | null;
}

/** Null: no authorization id has this form. */
export function readSplitText(id: string): WrittenSplit | null {
  if (!id.includes('.')) return { authorizationId: id, terms: null, tag: null };
  const found = WITH_SPLIT.exec(id);
  if (found === null) return null;
  const [, authorizationId = '', name, covered, quantity, price = '0', tag = null] = found;
  const unit = ALLOWANCE_UNITS.find((one) => one === name);
  const priceMicros = BigInt(price);
  if (unit === undefined || priceMicros <= 0n || priceMicros > MICROS_MAX) return null;
  const terms = { unit, covered: Number(covered), quantity: Number(quantity) };
  if (terms.covered < 1 || terms.covered > terms.quantity) return null;
  return { authorizationId, terms: { ...terms, priceMicros: micros(priceMicros) }, tag };
}
