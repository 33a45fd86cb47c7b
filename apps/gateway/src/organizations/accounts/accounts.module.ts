import { instances, type Feature } from '@orbit/runtime';
import { UncheckedKeys } from '../../edge/keys/unchecked-keys.js';
import type { WrongKeys } from '../../edge/keys/wrong-keys.js';
import type { GatewayPorts } from '../../gateway.ports.js';
import { ACCOUNT_CLOCKS } from './account-ports.js';
import { AccountsController } from './accounts.controller.js';
import { AdmitAccount } from './admit-account.js';
import { ManageAccounts } from './manage-accounts.js';

/** Accounts of the Orb API, their keys and their clocks. */
export const accountsFeature = (
  {
    accounts,
    accountGate,
    accountClocks,
    hasher,
    clock,
  }: Pick<GatewayPorts, 'accounts' | 'accountGate' | 'accountClocks' | 'hasher' | 'clock'>,
  wrongKeys: WrongKeys,
): Feature => ({
  controllers: [AccountsController],
  providers: [
    ...instances(
      new AdmitAccount(
        accountGate,
        accounts,
        hasher,
        wrongKeys,
        new UncheckedKeys(() => accounts.uncheckedHashes(), clock),
      ),
      new ManageAccounts(accounts, accountGate, hasher, clock, accountClocks),
    ),
    { provide: ACCOUNT_CLOCKS, useValue: accountClocks },
  ],
});
