import { Controller } from '@nestjs/common';
import {
  CORRECTIONS,
  type AdjustWallet,
  type BookedView,
  type ConfigureWallet,
  type ReverseCharge,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { toKey } from '../../books/adapters/requests.js';
import { CorrectWallet } from '../application/correct-wallet.js';
import { SetPolicies } from '../application/set-policies.js';
import { policyTerms } from '../domain/policy-terms.js';

/** Policies and corrections of a wallet, over Nest TCP. */
@Controller()
export class CorrectionsController {
  constructor(
    private readonly setPolicies: SetPolicies,
    private readonly correctWallet: CorrectWallet,
  ) {}

  @Handles(CORRECTIONS.configure)
  async configure(request: ConfigureWallet): Promise<WalletPoliciesView> {
    return this.setPolicies.run(toKey(request), policyTerms(request));
  }

  @Handles(CORRECTIONS.readPolicies)
  async policies(request: WalletRef): Promise<WalletPoliciesView> {
    return this.setPolicies.read(toKey(request));
  }

  @Handles(CORRECTIONS.adjust)
  async adjust(request: AdjustWallet): Promise<BookedView> {
    return this.correctWallet.adjust(toKey(request), {
      amountMicros: requireAmount(request.amount),
      reason: request.reason.trim(),
      reference: request.reference,
      allowsNegative: request.allow_negative ?? false,
    });
  }

  @Handles(CORRECTIONS.reverse)
  async reverse(request: ReverseCharge): Promise<BookedView> {
    const { amount, extend_to: extendTo } = request;
    return this.correctWallet.reverse(request.organization_id, {
      chargeId: request.charge_id,
      amountMicros: amount === undefined ? null : requireAmount(amount),
      reference: request.reference,
      reason: request.reason.trim(),
      extendToMs: extendTo === undefined ? null : Date.parse(extendTo),
    });
  }
}
