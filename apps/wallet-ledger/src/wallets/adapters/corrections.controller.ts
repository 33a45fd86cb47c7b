import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  BLOCKS_RPC,
  type AdjustWallet,
  type BookedView,
  type ConfigureWallet,
  type ReverseCharge,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import * as read from '../../books/adapters/requests.js';
import { CorrectWallet } from '../application/correct-wallet.js';
import { SetPolicies } from '../application/set-policies.js';
import { readPolicies } from './policy-requests.js';

/** Policies and corrections of a wallet, over Nest TCP; BLOCKS_RPC says what each takes. */
@Controller()
export class CorrectionsController {
  constructor(
    private readonly setPolicies: SetPolicies,
    private readonly correctWallet: CorrectWallet,
  ) {}

  @MessagePattern(BLOCKS_RPC.configure)
  configure(request: ConfigureWallet): Promise<WalletPoliciesView> {
    return this.setPolicies.run(read.toKey(request), readPolicies(request));
  }

  @MessagePattern(BLOCKS_RPC.readPolicies)
  policies(request: WalletRef): Promise<WalletPoliciesView> {
    return this.setPolicies.read(read.toKey(request));
  }

  @MessagePattern(BLOCKS_RPC.adjust)
  adjust(request: AdjustWallet): Promise<BookedView> {
    return this.correctWallet.adjust(read.toKey(request), {
      amountMicros: read.readSigned(request.amount, 'amount'),
      reason: read.readReason(request.reason),
      reference: read.readReference(request.reference),
      allowsNegative: read.readAllowsNegative(request),
    });
  }

  @MessagePattern(BLOCKS_RPC.reverse)
  reverse(request: ReverseCharge): Promise<BookedView> {
    const { amount, extend_to: extendTo } = request;
    return this.correctWallet.reverse(request.organization_id, {
      chargeId: request.charge_id,
      amountMicros: amount === undefined ? null : read.readPositive(amount, 'amount'),
      reference: read.readReference(request.reference),
      reason: read.readReason(request.reason),
      extendToMs: extendTo === undefined ? null : read.readInstant(extendTo, 'extend_to'),
    });
  }
}
