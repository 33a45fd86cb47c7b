import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  OrbitError,
  WALLET_RPC,
  type ChargeOutcomeView,
  type LoadedWalletView,
  type TransactionListQuery,
  type TransactionPage,
  type WalletMovementsQuery,
  type WalletMovementsView,
  type WalletRef,
  type WalletView,
} from '@orbit/contracts';
import { isCurrency, parseAmount, type Micros } from '@orbit/money';
import { ChangeWallet } from '../../books/application/change-wallet.js';
import type { WalletKey } from '../../books/application/ports.js';
import { ReadMovements } from '../application/read-movements.js';
import { ReadWallet } from '../application/read-wallet.js';
import { readInstant } from '../../books/adapters/requests.js';

/** What other services ask of the ledger, over Nest TCP. */
@Controller()
export class WalletController {
  constructor(
    private readonly readWallet: ReadWallet,
    private readonly changeWallet: ChangeWallet,
    private readonly readMovements: ReadMovements,
  ) {}

  @MessagePattern(WALLET_RPC.open)
  open(
    request: WalletRef & { low_balance_threshold?: string; account_id?: string },
  ): Promise<WalletView> {
    const threshold = request.low_balance_threshold;
    const lowBalanceMicros =
      threshold === undefined ? null : toMicros(threshold, 'low_balance_threshold');
    return this.changeWallet.open(toKey(request), lowBalanceMicros, request.account_id ?? null);
  }

  @MessagePattern(WALLET_RPC.read)
  read(request: WalletRef): Promise<WalletView | null> {
    return this.readWallet.read(toKey(request));
  }

  @MessagePattern(WALLET_RPC.load)
  load(request: WalletRef): Promise<LoadedWalletView | null> {
    return this.changeWallet.load(toKey(request));
  }

  @MessagePattern(WALLET_RPC.pause)
  pause(request: WalletRef & { paused: boolean }): Promise<WalletView> {
    return this.changeWallet.setPaused(toKey(request), request.paused);
  }

  @MessagePattern(WALLET_RPC.readCharge)
  readCharge(request: {
    organization_id: string;
    charge_id: string;
  }): Promise<ChargeOutcomeView | null> {
    return this.readWallet.readCharge(request.organization_id, request.charge_id);
  }

  @MessagePattern(WALLET_RPC.movements)
  movements(request: WalletMovementsQuery): Promise<WalletMovementsView | null> {
    const { after_sequence: after, from } = request;
    return this.readMovements.read(toKey(request), {
      thresholdMicros: toMicros(request.threshold, 'threshold'),
      afterSequence: after === undefined ? 0n : readSequence(after),
      fromMs: from === undefined ? 0 : readInstant(from, 'from'),
    });
  }

  @MessagePattern(WALLET_RPC.listTransactions)
  listTransactions(query: TransactionListQuery): Promise<TransactionPage> {
    return this.readWallet.listTransactions(query);
  }
}

function toKey({ organization_id: organizationId, currency }: WalletRef): WalletKey {
  if (!isCurrency(currency)) {
    throw new OrbitError('unsupported_currency', `${currency} is not supported.`, {
      param: 'currency',
    });
  }
  return { organizationId, currency };
}

function readSequence(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new OrbitError('invalid_field', 'after_sequence is a sequence number.', {
    param: 'after_sequence',
  });
}

function toMicros(text: string, param: string): Micros {
  const parsed = parseAmount(text);
  if (!parsed.ok || parsed.amountMicros < 0n) {
    throw new OrbitError('invalid_field', `${param} is a decimal string such as "25.00".`, {
      param,
    });
  }
  return parsed.amountMicros;
}
