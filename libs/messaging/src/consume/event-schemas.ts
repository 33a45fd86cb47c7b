import { InvariantViolation } from '@orbit/kernel';
import { INSTANT_PATTERN, TOPICS, type TopicName } from '@orbit/events';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Said in words: of its pattern nobody sees that the calendar has no such day. */
const INSTANT_FORM =
  'a day that exists, from 2000 on, with time and zone, as 2026-05-16T11:21:18.901Z';

const ajv = new Ajv2020({ strict: true, allErrors: false });
const validators = new Map<TopicName, ValidateFunction>();

/** The fault in a value of this topic, or null. It names the field, so that the sender can fix it. */
export function valueFault(topic: TopicName, value: unknown): string | null {
  const validate = validatorOf(topic);
  return validate(value) ? null : describe(validate.errors?.[0]);
}

/** Compiled when it is first asked for: that costs milliseconds, and a process reads few of the topics. */
function validatorOf(topic: TopicName): ValidateFunction {
  const known = validators.get(topic);
  if (known) return known;
  if (!Object.hasOwn(TOPICS, topic)) throw new InvariantViolation(`topic ${topic} has a schema`);
  const validate = ajv.compile(TOPICS[topic].schema);
  validators.set(topic, validate);
  return validate;
}

function describe(error: ErrorObject | undefined): string {
  if (!error) return 'the value does not fit its schema';
  const field = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.params['pattern'] === INSTANT_PATTERN) return `${field} is no instant: ${INSTANT_FORM}`;
  const unknown: unknown = error.params['additionalProperty'];
  const name = typeof unknown === 'string' ? ` "${unknown}"` : '';
  return `${field || 'the value'} ${error.message ?? 'does not fit its schema'}${name}`;
}
