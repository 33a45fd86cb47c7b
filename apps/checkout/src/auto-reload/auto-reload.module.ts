import { instances, type Feature } from '@orbit/runtime';
import { AUTO_RELOAD_INTERVAL_MS } from '../checkout.config.js';
import { AutoReloadWake } from '../topups/adapters/wakes.js';
import { AutoReloadController, BalanceLowConsumer } from './adapters/auto-reload.controller.js';
import { ConfigureAutoReload } from './application/configure-auto-reload.js';
import { RunAutoReload } from './application/run-auto-reload.js';

type Needs = ConstructorParameters<typeof RunAutoReload>;

/** With what tests run by hand. */
export interface AutoReloadFeature extends Feature {
  readonly autoReload: RunAutoReload;
  readonly configureAutoReload: ConfigureAutoReload;
}

/** Wallets that are low, topped up by a saved payment method. */
export function autoReloadFeature(...needs: Needs): AutoReloadFeature {
  const [policies, ledger, , , , clock, logger] = needs;
  const wake = new AutoReloadWake();
  const autoReload = new RunAutoReload(...needs);
  const configureAutoReload = new ConfigureAutoReload(policies, autoReload, ledger, clock, logger);
  return {
    controllers: [AutoReloadController, BalanceLowConsumer],
    providers: instances(autoReload, configureAutoReload, wake),
    jobs: [
      {
        ...{ name: 'auto_reload', intervalMs: AUTO_RELOAD_INTERVAL_MS, wokenBy: wake },
        run: () => autoReload.run(),
      },
    ],
    autoReload,
    configureAutoReload,
  };
}
