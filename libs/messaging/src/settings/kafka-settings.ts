import { Addresses, KafkaName, OneLine, OneOf, ReadableFile, Secret, SWITCH } from '@orbit/runtime';
import { IsOptional } from 'class-validator';
import { SASL_MECHANISMS, type SaslMechanism } from './kafka-security.js';

/** The part of a service's environment that is about Kafka; configuration classes extend it. */
export class KafkaSettings {
  /** host:port, comma separated. */
  @Addresses()
  KAFKA_BROKERS!: string;

  @KafkaName({ mayBeEmpty: true })
  KAFKA_TOPIC_PREFIX: string = '';

  /** Off: records are encoded by kafkajs itself, more slowly. */
  @OneOf(SWITCH)
  KAFKA_OWN_ENCODER: 'on' | 'off' = 'on';

  /** On: brokers are spoken to over TLS, and their certificates are checked. */
  @OneOf(SWITCH)
  KAFKA_TLS: 'on' | 'off' = 'off';

  /** The certificate authority of the brokers, in PEM, where it is your own. */
  @IsOptional()
  @ReadableFile()
  KAFKA_CA_FILE?: string;

  /** How this service logs in to the brokers; with it the two below are needed. Without it nobody logs in. */
  @IsOptional()
  @OneOf(SASL_MECHANISMS)
  KAFKA_SASL_MECHANISM?: SaslMechanism;

  @OneLine(200)
  KAFKA_SASL_USERNAME: string = '';

  @IsOptional()
  @Secret(1)
  KAFKA_SASL_PASSWORD?: string;
}

/** Settings of a service that consumes. */
export class KafkaConsumerSettings extends KafkaSettings {
  /** Off: kafkajs names every partition in every fetch; a tenth more CPU. */
  @OneOf(SWITCH)
  KAFKA_FETCH_SESSIONS: 'on' | 'off' = 'on';
}
