import kafkajs, { type AclEntry } from 'kafkajs';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { topicRights, type TopicRight } from './topic-acls.js';

const REQUEST_TIMEOUT_MS = 15_000;
// Node's view of a CommonJS module does not name these.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const OPERATIONS = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  describe: AclOperationTypes.DESCRIBE,
  describe_configs: AclOperationTypes.DESCRIBE_CONFIGS,
} as const;

export interface GrantTopicsOptions {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  /** Before the name of a service in its user's name: `orbit-` makes `User:orbit-gateway`. */
  readonly userPrefix: string;
}

/**
 * Gives each service its rights at a broker that has an authorizer; may be repeated. Takes nothing
 * away. Errors: kafkajs', where the broker has no authorizer or this client may not alter the cluster. Returns how many rights there are.
 */
export async function grantTopics(options: GrantTopicsOptions): Promise<number> {
  const { brokers, topicPrefix, userPrefix } = options;
  const admin = makeKafka({ brokers, clientId: 'orbit-topics' }, REQUEST_TIMEOUT_MS).admin();
  const acl = topicRights(topicPrefix).map((right) => entryOf(right, userPrefix));
  await admin.connect();
  try {
    await admin.createAcls({ acl });
    return acl.length;
  } finally {
    await admin.disconnect();
  }
}

const entryOf = (right: TopicRight, userPrefix: string): AclEntry => ({
  resourceType: right.resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
  resourceName: right.name,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: `User:${userPrefix}${right.service}`,
  host: '*',
  operation: OPERATIONS[right.operation],
  permissionType: AclPermissionTypes.ALLOW,
});
