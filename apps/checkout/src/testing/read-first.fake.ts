import { AUTO_RELOAD, PAYMENT_METHODS, REFUNDS, TOP_UPS, type Operation } from '@orbit/contracts';
import { shapeReader } from '@orbit/runtime';
import type { CheckoutParts } from '../checkout.module.js';

/**
 * For tests: use cases, called as their controllers call them. What an operation's shape refuses never gets to a use
 * case, so a test that sends nonsense has to come in by the same door.
 */
export function readFirst(parts: CheckoutParts): CheckoutParts {
  through(parts.createTopUp, 'run', TOP_UPS.create);
  through(parts.chargeTopUp, 'run', TOP_UPS.charge);
  through(parts.parkedTopUps, 'list', TOP_UPS.list);
  through(parts.parkedTopUps, 'resolve', TOP_UPS.resolve);
  through(parts.paymentMethods, 'setup', PAYMENT_METHODS.setup);
  through(parts.configureAutoReload, 'configure', AUTO_RELOAD.configure);
  through(parts.configureAutoReload, 'resume', AUTO_RELOAD.resume);
  through(parts.refunds.request, 'run', REFUNDS.create);
  through(parts.refunds.read, 'list', REFUNDS.list);
  through(parts.refunds.read, 'listDisputes', REFUNDS.listDisputes);
  return parts;
}

function through<Q, Name extends string>(
  useCase: Record<Name, (request: Q) => Promise<unknown>>,
  name: Name,
  { request: shape }: Operation<Q, unknown>,
): void {
  const read = shapeReader(shape, { root: 'request', isClosed: false });
  const run = useCase[name].bind(useCase);
  useCase[name] = async (request) => run(read(request));
}
