/** A ledger with wallets that can pay: what the suites spend from. */
import { createTopics } from '@orbit/messaging';
import { RpcClient } from '@orbit/runtime';
import { EMPTY } from './servers.mjs';
import { startLedger } from './processes.mjs';
import { CURRENCY, deleteTopics, producerOf, topUp } from './post/charges.mjs';
import { drained } from './post/progress.mjs';

/** Starts a ledger on a new database; `fund` tops organizations up, `stop` ends and deletes it all. */
export async function walletsStage(servers, name) {
  const prefix = `${name}.`;
  const database = `bench_${name}`;
  await createTopics({ brokers: servers.brokers, topicPrefix: prefix });
  await servers.copyDatabase(EMPTY, database);
  const ledger = await startLedger({ servers, database, prefix, group: 'ledger' });
  const rpc = RpcClient.at('wallet-ledger', ledger.rpcAddress, 30_000);
  const producer = await producerOf(servers, prefix);
  let funded = 0;
  return {
    prefix,
    database,
    ledger,
    producer,
    rpc,
    load: async (organizationId, currency = CURRENCY) => {
      const ref = { organization_id: organizationId, currency };
      return (await rpc.call('wallet.load', ref)) !== null;
    },
    fund: async (organizations) => {
      for (const id of organizations) {
        await rpc.call('wallet.open', { organization_id: id, currency: CURRENCY });
      }
      const events = organizations.map((id) => topUp(id, Date.now()));
      await producer.publish('topup.completed', events);
      funded += organizations.length;
      await drained({
        servers,
        topic: `${prefix}topup.completed`,
        group: `${prefix}ledger`,
        target: funded,
        check: ledger.check,
      });
    },
    stop: async () => {
      rpc.close();
      await producer.disconnect();
      await ledger.stop();
      await servers.emptyRedis();
      await deleteTopics(servers, prefix);
      await servers.dropDatabase(database);
    },
  };
}
