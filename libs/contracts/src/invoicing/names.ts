import { namesOf } from '../schema/operation.js';
import { PLANS, SUBSCRIPTIONS } from './plans.contract.js';

const { list: listPlans, readPrice } = namesOf(PLANS);

/** The names on the wire, for who asks without a client. */
export const SUBSCRIPTION_RPC = { ...namesOf(SUBSCRIPTIONS), listPlans, readPrice };
