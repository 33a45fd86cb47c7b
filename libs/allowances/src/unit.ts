import { invariant } from '@orbit/kernel';
import { isCurrency, micros, MICROS_PER_UNIT, type Currency, type Micros } from '@orbit/money';

/** Allowances that a plan can include, and the custom unit of the wallet that holds each. */
export const ALLOWANCE_UNITS = ['messages', 'voice_minutes', 'agent_invocations'] as const;
export type AllowanceUnit = (typeof ALLOWANCE_UNITS)[number];

/** Whether a wallet of this currency holds what plans include: units, which nobody can owe (decision 0026). */
export const isAllowanceUnit = (currency: string): currency is AllowanceUnit =>
  (ALLOWANCE_UNITS as readonly string[]).includes(currency);

/** The currency of the wallet that holds a unit: the names of units have the form of custom units. */
export function currencyOf(unit: AllowanceUnit): Currency {
  invariant(isCurrency(unit), 'the name of a unit is a custom unit');
  return unit;
}

/** So many units, as a wallet holds them. */
export const unitMicros = (quantity: number): Micros => micros(BigInt(quantity) * MICROS_PER_UNIT);

/** So many of `quantity` units as an allowance with `availableMicros` covers; a begun unit covers none. */
export function coveredUnits(availableMicros: bigint, quantity: number): number {
  const units = availableMicros / MICROS_PER_UNIT;
  return units < BigInt(quantity) ? Number(units) : quantity;
}

const MESSAGE_CHANNELS: readonly string[] = ['sms', 'whatsapp', 'email', 'rcs', 'viber'];
/** Channels whose charges count invocations of agents. */
export const AGENT_CHANNELS: readonly string[] = ['agents', 'agent'];
export const VOICE_CHANNEL = 'voice';

/** The unit that a plan includes for a channel; null: never included. */
export function allowanceUnitOf(channel: string): AllowanceUnit | null {
  if (MESSAGE_CHANNELS.includes(channel)) return 'messages';
  if (channel === VOICE_CHANNEL) return 'voice_minutes';
  return AGENT_CHANNELS.includes(channel) ? 'agent_invocations' : null;
}
