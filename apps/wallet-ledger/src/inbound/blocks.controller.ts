import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  BLOCKS_RPC,
  type AdjustWallet,
  type BookedView,
  type ConfigureWallet,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import { CorrectWallet } from '../application/correct-wallet.js';
import { SetPolicies } from '../application/set-policies.js';
import {
  readFlag,
  readPolicies,
  readReason,
  readReference,
  readSigned,
  toKey,
} from './block-requests.js';

/** Policies, corrections and credit blocks, over Nest TCP; BLOCKS_RPC says what each takes. */
@Controller()
export class BlocksController {
  constructor(
    private readonly setPolicies: SetPolicies,
    private readonly correctWallet: CorrectWallet,
  ) {}

  @MessagePattern(BLOCKS_RPC.configure)
  configure(request: ConfigureWallet): Promise<WalletPoliciesView> {
    return this.setPolicies.run(toKey(request), readPolicies(request));
  }

  @MessagePattern(BLOCKS_RPC.readPolicies)
  policies(request: WalletRef): Promise<WalletPoliciesView> {
    return this.setPolicies.read(toKey(request));
  }

  @MessagePattern(BLOCKS_RPC.adjust)
  adjust(request: AdjustWallet): Promise<BookedView> {
    return this.correctWallet.adjust(toKey(request), {
      amountMicros: readSigned(request.amount, 'amount'),
      reason: readReason(request.reason),
      reference: readReference(request.reference),
      allowsNegative: readFlag(request.allow_negative ?? false, 'allow_negative'),
    });
  }
}
