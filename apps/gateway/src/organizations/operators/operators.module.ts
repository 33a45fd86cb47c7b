import { instances, type Feature } from '@orbit/runtime';
import { KeyUses } from '../../edge/keys/key-uses.js';
import type { WrongKeys } from '../../edge/keys/wrong-keys.js';
import type { GatewayPorts } from '../../gateway.ports.js';
import { AdmitOperator } from './admit-operator.js';
import { ManageOperatorKeys } from './manage-operator-keys.js';
import { OperatorKeysController } from './operator-keys.controller.js';

/** Operators: who they are, what their role lets them do, and their keys. */
export function operatorsFeature(
  ports: Pick<
    GatewayPorts,
    'operatorKeys' | 'operatorGate' | 'environmentKey' | 'hasher' | 'clock' | 'reportLostUse'
  >,
  wrongKeys: WrongKeys,
): Feature {
  const { operatorKeys, operatorGate, environmentKey, hasher, clock } = ports;
  const write = (keyId: string, at: Date): Promise<void> => operatorKeys.noteUse(keyId, at);
  const uses = new KeyUses(write, clock, ports.reportLostUse);
  const admit = new AdmitOperator(
    environmentKey,
    operatorGate,
    operatorKeys,
    hasher,
    wrongKeys,
    uses,
    clock,
  );
  return {
    controllers: [OperatorKeysController],
    providers: instances(
      admit,
      new ManageOperatorKeys(operatorKeys, operatorGate, hasher, clock, admit),
    ),
  };
}
