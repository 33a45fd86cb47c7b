/** How the service under test speaks to Kafka; `plain-kafkajs.itest.ts` turns both off. */
export const switches: Record<'KAFKA_FETCH_SESSIONS' | 'KAFKA_OWN_ENCODER', 'on' | 'off'> = {
  KAFKA_FETCH_SESSIONS: 'on',
  KAFKA_OWN_ENCODER: 'on',
};
