import { ConfigurationError } from '@orbit/runtime';
import { readKafkaSecurity, speakToKafkaBy, type KafkaSecuritySettings } from './kafka-security.js';

/** Every Kafka client of this process speaks to brokers as these settings say. Errors: ConfigurationError. */
export function secureKafka(settings: KafkaSecuritySettings): void {
  const security = readKafkaSecurity(settings);
  if (!('ssl' in security)) throw new ConfigurationError(security);
  speakToKafkaBy(security);
}
