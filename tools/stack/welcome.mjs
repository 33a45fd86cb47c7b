/** The text for a person when the stack is ready: where it is, the keys, and the first things to try. */
export function welcome({ dev, seconds, isDetached, home }) {
  const api = `${dev.gatewayUrl}/api/v1/billing`;
  const key = dev.organizationApiKey;
  const json = `-H 'Content-Type: application/json'`;
  return `
  Orbit Billing is ready after ${seconds.toFixed(1)} s.

    API           ${dev.gatewayUrl}
    Reference     ${dev.gatewayUrl}/api/docs
    Stripe        ${dev.sandboxUrl ? `sandbox, ${dev.sandboxUrl}/_sandbox` : 'your Stripe account'}
    Kafka         ${dev.kafkaBrokers.join(',')}
    Metrics       ${dev.metricsUrls.join('\n                  ')}
    Organization  ${dev.organizationId}
    API key       ${key}
    Operator key  ${dev.operatorApiKey}
    Orb API       ${dev.gatewayUrl}/v1
${dev.orbAccounts.map(({ account_id, mode, api_key }) => `      ${mode.padEnd(10)}  ${account_id}, bearer key ${api_key}`).join('\n')}
    Logs, data    ${home}

  Try it:

    1. Top up: open the URL it answers and pay with 4242 4242 4242 4242
       curl -s ${api}/balance/top-up -H 'X-API-Key: ${key}' ${json} \\
         -H 'Idempotency-Key: top-up-${Date.now().toString(36)}' \\
         -d '{"amount": 10000, "currency": "usd", "successUrl": "${dev.gatewayUrl}/api/docs", "cancelUrl": "${dev.gatewayUrl}/api/docs"}'

    2. Charge one message and wait until it is in the books
       curl -s '${api}/charges?wait=posted' -H 'X-API-Key: ${key}' ${json} \\
         -d '{"charge_id": "sms_1", "amount": "0.0075", "currency": "USD", "channel": "sms"}'

    3. See the balance
       curl -s ${api}/balance -H 'X-API-Key: ${key}'

  ${isDetached ? 'It runs in the background; npm stop ends it.' : 'Ctrl-C stops everything.'}
`;
}
