// Goal: a whole service keeps its promises on kafkajs as it was published, with both switches off.
import { switches } from './switches.fake.js';

switches.KAFKA_FETCH_SESSIONS = 'off';
switches.KAFKA_OWN_ENCODER = 'off';
await import('./usage-metering.itest.js');
