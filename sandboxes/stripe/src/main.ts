import 'reflect-metadata';
import { createLogger, loadConfig, stopOnSignals } from '@orbit/runtime';
import { createApp } from './create-app.js';
import { StripeSandboxConfig } from './stripe-sandbox.config.js';

const STOP_MS_MAX = 15_000;

const config = loadConfig(StripeSandboxConfig, process.env);
const logger = createLogger('stripe-sandbox', config.LOG_LEVEL);
const app = await createApp({ config, logger });
stopOnSignals({ logger, timeoutMs: STOP_MS_MAX, stop: () => app.close() });
await app.listen(config.PORT, config.STRIPE_SANDBOX_HOST);
logger.info({ url: config.PUBLIC_URL }, 'ready');
