import type { Metadata } from './json.js';

/** An empty value is no value. */
export function withoutEmpty(given: Metadata): Metadata {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** Given keys replace; an empty value removes its key; no `metadata` leaves all as it was. */
export function mergeMetadata(before: Metadata, given: Metadata | undefined): Metadata {
  return given === undefined ? before : withoutEmpty({ ...before, ...given });
}
