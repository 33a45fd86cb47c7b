// Servers that demand encryption and a login, as in production: `ORBIT_SECURED=on npm start`, and one end-to-end test.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { selfSignedCertificate } from './certificate.mjs';

const KAFKA_ADMIN = 'admin';
const USER_PREFIX = 'orbit-';
const SERVICES = ['gateway', 'wallet-ledger', 'checkout', 'usage-metering', 'invoicing'];
/** Both mechanisms are in use, so that both are proven. */
const SCRAM_SERVICES = ['wallet-ledger', 'usage-metering'];

const password = () => randomBytes(18).toString('hex');

/**
 * Certificate, key and users that the servers of this home demand, made once and kept.
 */
export function readSecurity(home) {
  const folder = path.join(home, 'secured');
  const file = path.join(folder, 'users.json');
  const paths = {
    caFile: path.join(folder, 'certificate.pem'),
    keyFile: path.join(folder, 'key.pem'),
    /** As Kafka wants it: key and certificate in one. */
    keystoreFile: path.join(folder, 'keystore.pem'),
  };
  if (!fs.existsSync(file)) {
    fs.mkdirSync(folder, { recursive: true });
    const { certificate, key } = selfSignedCertificate();
    fs.writeFileSync(paths.caFile, certificate);
    fs.writeFileSync(paths.keyFile, key, { mode: 0o600 });
    fs.writeFileSync(paths.keystoreFile, `${key}${certificate}`, { mode: 0o600 });
    const kafka = [KAFKA_ADMIN, ...SERVICES.map((name) => `${USER_PREFIX}${name}`)];
    const users = {
      kafka: Object.fromEntries(kafka.map((name) => [name, password()])),
      redis: { name: 'orbit', password: password() },
    };
    fs.writeFileSync(file, JSON.stringify(users), { mode: 0o600 });
  }
  return { ...paths, ...JSON.parse(fs.readFileSync(file, 'utf8')) };
}

/** Settings of a Kafka client; `name` null: the administrator. */
function kafkaLogin({ caFile, kafka }, name) {
  const user = name === null ? KAFKA_ADMIN : `${USER_PREFIX}${name}`;
  return {
    KAFKA_TLS: 'on',
    KAFKA_CA_FILE: caFile,
    KAFKA_SASL_MECHANISM: SCRAM_SERVICES.includes(name) ? 'scram-sha-512' : 'plain',
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: kafka[user],
  };
}

/** Variables of one service, beside its addresses. */
export const securedSettings = (security, service) => ({
  ...kafkaLogin(security, service),
  REDIS_CA_FILE: security.caFile,
});

/** Variables of who makes topics and gives rights. */
export const securedAdmin = (security) => ({
  ...kafkaLogin(security, null),
  userPrefix: USER_PREFIX,
});

const escaped = (text) => text.replaceAll('\\', '\\\\');

/** Lines of server.properties; the controller's port is inside, on the loopback interface. */
export function kafkaSecurityProperties({ keystoreFile, caFile, kafka }, port, controllerPort) {
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const users = Object.entries(kafka).map(([name, secret]) => `user_${name}="${secret}"`);
  const own = `username="${KAFKA_ADMIN}" password="${kafka[KAFKA_ADMIN]}"`;
  return [
    `listeners=SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=SASL_SSL://127.0.0.1:${port}`,
    'listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=SASL_SSL',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol=PLAIN',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=${login} ${own} ${users.join(' ')};`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${escaped(keystoreFile)}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${escaped(caFile)}`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    `super.users=User:${KAFKA_ADMIN};User:ANONYMOUS`,
  ];
}

/** Arguments of the tool that makes a data folder: users of SCRAM stand in the log itself. */
export const scramArguments = ({ kafka }) =>
  SCRAM_SERVICES.flatMap((service) => {
    const name = `${USER_PREFIX}${service}`;
    return ['--add-scram', `SCRAM-SHA-512=[name=${name},password=${kafka[name]}]`];
  });

/** Arguments of redis-server, in place of its port. */
export const redisSecurityArguments = ({ caFile, keyFile, redis }, port) => [
  ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
  ...['--tls-cert-file', caFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile],
  ...['--user', redis.name, 'on', `>${redis.password}`, '~*', '&*', '+@all'],
  ...['--user', 'default', 'off'],
];

/**
 * Lets nobody into PostgreSQL without TLS. The key is copied into the data folder, because it must
 * belong to the account that the server runs as. Returns its settings.
 */
export function securePostgres({ caFile, keyFile }, data, account) {
  const own = { certificate: path.join(data, 'server.crt'), key: path.join(data, 'server.key') };
  fs.copyFileSync(caFile, own.certificate);
  fs.copyFileSync(keyFile, own.key);
  fs.chmodSync(own.key, 0o600);
  if (account) for (const file of Object.values(own)) fs.chownSync(file, account.uid, account.gid);
  fs.writeFileSync(path.join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  return { ssl: 'on', ssl_cert_file: own.certificate, ssl_key_file: own.key };
}

/** The same address, over TLS, with the server's certificate checked. */
export function securedUrl(url, { caFile }) {
  const target = new URL(url);
  target.searchParams.set('sslmode', 'verify-full');
  target.searchParams.set('sslrootcert', caFile);
  return target.href;
}
