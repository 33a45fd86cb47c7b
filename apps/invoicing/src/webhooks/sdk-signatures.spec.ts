// Goal: Orb's own SDK accepts each of our webhooks: every event type, in both payload styles. Method: the body and the
// headers as they are sent, and the SDK's verifySignature and unwrap, which compare with the real clock.
import Orb from 'orb-billing';
import { ORB_EVENT_TYPES } from './domain/event-types.js';
import { bodyOf, type Fact } from './domain/fact.js';
import { signatureHeaders } from './domain/sign.js';

const SECRET = 'whsec_99ZCSzUzFMqIPGMHXvHHg1tTU2OKlynNGuOEK7TD6ZH5E6';
const orb = new Orb({ apiKey: 'key', webhookSecret: SECRET, logLevel: 'off' });
const factOf = (type: string): Fact => ({
  ...{ accountId: 'acct_1', organizationId: null, type, objectId: 'org_1' },
  // Text that is not ASCII, and digits that a double would lose, must reach the receiver as they are signed.
  resources: { customer: { id: 'org_1', name: 'Zoë “Ω” & Söhne' } },
  standardResources: { customer: { id: 'org_1' } },
  properties: { amount: '0.10000000000000000001' },
  atMs: Date.parse('2026-05-16T11:00:00.999Z'),
});
const deliveries = [...ORB_EVENT_TYPES].flatMap((type) =>
  (['expanded', 'standard'] as const).map((style) => [type, style] as const),
);

test.each(deliveries)(
  'the SDK takes %s in style %s, and refuses it once it was changed',
  (type, style) => {
    const body = bodyOf('evt_1', factOf(type), style);
    const headers = signatureHeaders(SECRET, 'evt_1', body, Date.now());
    orb.webhooks.verifySignature(body, headers, SECRET);
    expect(orb.webhooks.unwrap(body, headers, SECRET)).toEqual(JSON.parse(body));
    expect(orb.webhooks.unwrap(body, headers)).toMatchObject({ type, payload_style: style });
    const changed = body.replace('org_1', 'org_2');
    expect(() => orb.webhooks.verifySignature(changed, headers, SECRET)).toThrow('signatures');
    expect(() => orb.webhooks.unwrap(body, headers, `${SECRET}x`)).toThrow('signatures');
  },
);
