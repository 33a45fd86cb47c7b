/** The baseline of ingest over HTTP, a process of its own: kafkajs that sends one message a request, acks=all. */
import kafkajs from 'kafkajs';

const { brokers, topic, key, value, headers, senders, seconds, warmSeconds } = JSON.parse(
  process.env.BENCH_PRODUCE,
);

const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();
const fromMs = performance.now() + warmSeconds * 1_000;
const untilMs = fromMs + seconds * 1_000;
let count = 0;

async function send() {
  while (performance.now() < untilMs) {
    await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
    const nowMs = performance.now();
    if (nowMs >= fromMs && nowMs < untilMs) count += 1;
  }
}
await Promise.all(Array.from({ length: senders }, send));
await producer.disconnect();
console.log(JSON.stringify({ rate: count / seconds }));
