import type { SASLOptions } from 'kafkajs';
import { readFileSync } from 'node:fs';

/** The mechanisms by which a client logs in, as Kafka names them. */
export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How brokers are spoken to: kafkajs' own two options. */
export interface KafkaSecurity {
  readonly ssl: boolean | { readonly ca: string };
  readonly sasl?: SASLOptions;
}

/** The settings that it is read from, as the environment has them. */
export interface KafkaSecuritySettings {
  readonly KAFKA_TLS?: string | undefined;
  readonly KAFKA_CA_FILE?: string | undefined;
  readonly KAFKA_SASL_MECHANISM?: string | undefined;
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
}

/** Returns the faults, one sentence each, where a mechanism lacks its name or password or these lack a mechanism. */
export function readKafkaSecurity(
  settings: KafkaSecuritySettings,
): KafkaSecurity | readonly string[] {
  const caFile = settings.KAFKA_CA_FILE ?? '';
  const isTls = settings.KAFKA_TLS === 'on';
  const ssl = isTls && caFile !== '' ? { ca: readFileSync(caFile, 'utf8') } : isTls;
  const { KAFKA_SASL_MECHANISM: given = '' } = settings;
  const username = settings.KAFKA_SASL_USERNAME ?? '';
  const password = settings.KAFKA_SASL_PASSWORD ?? '';
  if (given === '' && username === '' && password === '') return { ssl };
  const mechanism = SASL_MECHANISMS.find((known) => known === given);
  const faults = [
    ...(mechanism ? [] : [`KAFKA_SASL_MECHANISM must be one of ${SASL_MECHANISMS.join(', ')}`]),
    ...(username === '' ? ['KAFKA_SASL_USERNAME is not set, and this client logs in'] : []),
    ...(password === '' ? ['KAFKA_SASL_PASSWORD is not set, and this client logs in'] : []),
  ];
  if (!mechanism || faults.length > 0) return faults;
  return { ssl, sasl: { mechanism, username, password } as SASLOptions };
}

let security: KafkaSecurity = { ssl: false };

/** Sets how every Kafka client of this process speaks to brokers from now on: a process has one identity there. */
export function speakToKafkaBy(chosen: KafkaSecurity): void {
  security = chosen;
}

/** As it was set; plain and without a login before. */
export const kafkaSecurity = (): KafkaSecurity => security;
