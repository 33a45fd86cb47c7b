/**
 * A function that sends messages byte for byte, `(topic, messages)`: kafkajs' own encoder takes neither a header
 * without a value nor more than one request holds. Resolves when every copy has them.
 */
export async function rawSender(context) {
  const { encodedByPartition, PartitionChoice, splitBySize } = await import('@orbit/messaging/raw');
  const producer = await context.kafkaProducer();
  const admin = await context.kafkaAdmin();
  const choices = new Map();
  const choiceOf = async (topic) => {
    if (!choices.has(topic)) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      choices.set(topic, new PartitionChoice(topics[0]));
    }
    return choices.get(topic);
  };
  return async (topic, messages) => {
    const choice = await choiceOf(topic);
    for (const part of splitBySize([{ topic, messages }])) {
      for (const { messages: records } of part) {
        await producer.send({ topic, acks: -1, messages: encodedByPartition(records, choice) });
      }
    }
  };
}
