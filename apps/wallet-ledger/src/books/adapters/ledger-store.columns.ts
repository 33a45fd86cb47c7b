import type { Rejection } from '../application/ports.js';
import type { ChangedBlock } from '../domain/wallet-draft.js';
import type { Wallet } from '../domain/wallet.js';

/** An array of numbers as PostgreSQL reads it; `pg` would quote and escape each of them. */
export const plain = (values: readonly (bigint | number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

export const instants = (values: readonly number[]): string =>
  `{${values.map((ms) => new Date(ms).toISOString()).join(',')}}`;

/** Parameters of UPDATE_WALLETS. */
export const walletColumns = (wallets: readonly Wallet[]) => [
  plain(wallets.map((w) => w.walletNo)),
  plain(wallets.map((w) => w.balanceMicros)),
  plain(wallets.map((w) => w.sequence)),
  plain(wallets.map((w) => w.version)),
  plain(wallets.map((w) => w.rejectedCount)),
  wallets.map((w) => w.alertLevel),
  wallets.map((w) => w.pausedReason),
  wallets.map((w) => w.awaitsSpend),
];

/** Parameters of UPDATE_REMAINDERS. */
export const remainderColumns = (blocks: readonly ChangedBlock[]) => [
  plain(blocks.map(({ walletNo }) => walletNo)),
  plain(blocks.map(({ block }) => block.sequence)),
  plain(blocks.map(({ block }) => block.remainingMicros)),
];

/** Parameters of INSERT_REJECTIONS. */
export const rejectionColumns = (rejections: readonly Rejection[]) => [
  plain(rejections.map((r) => r.walletNo)),
  rejections.map((r) => r.chargeId),
  rejections.map((r) => r.reason),
  plain(rejections.map((r) => r.amountMicros)),
  rejections.map((r) => r.channel),
  instants(rejections.map((r) => r.rejectedAtMs)),
];
