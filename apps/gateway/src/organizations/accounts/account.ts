import type { KeyMode } from '../api-key.js';

/** The owner of organizations, keys and a catalogue: one business of the operator. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly mode: KeyMode;
  /** ISO 4217; of organizations that are made over /v1. */
  readonly defaultCurrency: string;
  /** IANA name; of customers that name none. */
  readonly timezone: string;
  readonly createdAt: Date;
}

/** There from the beginning; organizations belong to it unless another one is named. */
export const LIVE_ACCOUNT_ID = 'acct_live';

const ACCOUNT_KEY = /^orb_(test|live)_[0-9A-Za-z]{32,128}$/;

/** Whether a text can be a key of /v1 at all; anything else is refused without asking anybody. */
export const isAccountKeyShaped = (text: string): boolean => ACCOUNT_KEY.test(text);

/** Account keys look like keys of their mode and like no key of an organization. */
export const accountKeyPrefix = (mode: KeyMode): string => `orb_${mode}_`;
