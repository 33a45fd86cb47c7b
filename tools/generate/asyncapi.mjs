// The event interface as a machine reads it: AsyncAPI 3.0, from the same table that creates the topics.

const DAY_MS = 86_400_000;

const text = (description) => ({ type: 'string', description });

/** CloudEvents 1.0, binary mode: the attributes are Kafka headers, the value is the data alone. */
const CLOUD_EVENT_HEADERS = {
  type: 'object',
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: text('Stable across republication; drop what you have seen.'),
    ce_type: text("The topic's name."),
    ce_source: text('The service or client that published.'),
    ce_time: { ...text('When it was published.'), format: 'date-time' },
    'content-type': { const: 'application/json' },
    orbit_reply_to: text('On charge.requested only: Redis channel that receives the outcome.'),
  },
};

const idOf = (topic) => topic.replace(/[._](\w)/g, (_, letter) => letter.toUpperCase());
const ref = (path) => ({ $ref: `#/${path}` });

function channelOf([topic, { description, partitions, retentionMs }]) {
  return {
    address: topic,
    title: topic,
    description,
    messages: { event: ref(`components/messages/${idOf(topic)}`) },
    bindings: {
      kafka: {
        topic,
        partitions,
        replicas: 1,
        topicConfiguration: { 'retention.ms': retentionMs },
        bindingVersion: '0.5.0',
      },
    },
  };
}

function messageOf([topic, { description, key, schema }]) {
  return {
    name: topic,
    title: topic,
    summary: description,
    contentType: 'application/json',
    headers: ref('components/schemas/cloudEventHeaders'),
    payload: { schemaFormat: 'application/schema+json;version=draft-07', schema },
    bindings: {
      kafka: { key: { type: 'string', description: key }, bindingVersion: '0.5.0' },
    },
  };
}

function operationsOf([topic, { producer, consumers, purposes }]) {
  const id = idOf(topic);
  const channel = ref(`channels/${id}`);
  const publisher = producer === 'any' ? 'any client' : producer;
  return [
    [`${id}.publish`, { action: 'send', channel, summary: `Published by ${publisher}.` }],
    ...consumers.map((consumer) => [
      `${id}.${consumer}`,
      { action: 'receive', channel, summary: `Read by ${consumer}: ${purposes[consumer]}.` },
    ]),
  ];
}

/** docs/reference/asyncapi.json, and deploy/generated/topics.json for whoever creates topics by other means. */
export function generateAsyncApi({ events }) {
  const topics = Object.entries(events.TOPICS);
  const byId = (make) => Object.fromEntries(topics.map((entry) => [idOf(entry[0]), make(entry)]));
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Orbit Billing events',
      version: '1',
      description:
        'CloudEvents 1.0 over Kafka, binary mode. Delivery is at least once. ' +
        'A message without CloudEvents headers is taken when its value fits the schema. What can never ' +
        'be read goes to <topic>.dlq with the reason in its headers.',
    },
    defaultContentType: 'application/json',
    channels: byId(channelOf),
    operations: Object.fromEntries(topics.flatMap(operationsOf)),
    components: {
      messages: byId(messageOf),
      schemas: { cloudEventHeaders: CLOUD_EVENT_HEADERS },
    },
  };
  const list = topics.flatMap(([topic, { partitions, retentionMs }]) => [
    { topic, partitions, retentionDays: retentionMs / DAY_MS },
    { topic: `${topic}.dlq`, partitions: 1, retentionDays: 90 },
  ]);
  const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
  return [
    { path: 'docs/reference/asyncapi.json', text: json(document) },
    { path: 'deploy/generated/topics.json', text: json(list) },
  ];
}
