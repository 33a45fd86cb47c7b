import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Partition numbers it read before this rebalance. */
  readonly owned: readonly number[];
}

type Assignment = Record<string, Record<string, number[]>>;

/**
 * Shares partitions among members so that partition p of every topic goes to the same one: topics with the
 * same key and count are then read by one process per key.
 * Balanced: members differ by at most one partition number. Stable: a member keeps what it had, as far as
 * balance allows. Deterministic: depends on nothing but its arguments.
 */
export function assignPartitions(
  members: readonly GroupMember[],
  partitionCounts: Readonly<Record<string, number>>,
): Assignment {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const count = Math.max(0, ...Object.values(partitionCounts));
  const owners = shareNumbers(sorted, count);
  const assignment: Assignment = {};
  for (const { memberId } of sorted) assignment[memberId] = {};
  for (const [topic, topicCount] of Object.entries(partitionCounts)) {
    // While a release that adds a topic rolls out, not every member knows it yet.
    const subscribed = sorted.filter(({ topics }) => topics.includes(topic));
    if (subscribed.length === 0) continue;
    for (let partition = 0; partition < topicCount; partition++) {
      const owner = owners[partition];
      const reader =
        subscribed.find(({ memberId }) => memberId === owner) ??
        subscribed[partition % subscribed.length];
      const topicsOfReader = assignment[reader?.memberId ?? ''];
      if (topicsOfReader) (topicsOfReader[topic] ??= []).push(partition);
    }
  }
  return assignment;
}

/** Member per partition number. */
function shareNumbers(members: readonly GroupMember[], count: number): string[] {
  const owners: string[] = [];
  const loads = new Map(members.map(({ memberId }) => [memberId, 0]));
  const floor = Math.floor(count / Math.max(1, members.length));
  let largerLeft = count - floor * members.length;
  const give = (memberId: string, partition: number): void => {
    owners[partition] = memberId;
    loads.set(memberId, (loads.get(memberId) ?? 0) + 1);
  };
  for (const { memberId, owned } of members) {
    for (const partition of [...owned].sort((a, b) => a - b)) {
      if (partition >= count || owners[partition] !== undefined) continue;
      const load = loads.get(memberId) ?? 0;
      if (load > floor || (load === floor && largerLeft === 0)) break;
      if (load === floor) largerLeft -= 1;
      give(memberId, partition);
    }
  }
  for (let partition = 0; partition < count; partition++) {
    if (owners[partition] !== undefined) continue;
    const [least] = [...loads].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    if (least) give(least[0], partition);
  }
  return owners;
}

/** `owned` is asked at every join; what a member read before travels in its metadata. */
export function coPartitionAssigner(owned: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'OrbitCoPartitionAssigner',
    version: 0,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(owned()));
      const metadata = AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData });
      return { name: this.name, metadata };
    },
    async assign({ members, topics }) {
      const counts: Record<string, number> = {};
      for (const topic of topics) counts[topic] = cluster.findTopicPartitionMetadata(topic).length;
      const assignment = assignPartitions(members.map(readMember), counts);
      return Promise.resolve(
        Object.entries(assignment).map(([memberId, byTopic]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 0,
            assignment: byTopic,
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

function readMember({ memberId, memberMetadata }: { memberId: string; memberMetadata: Buffer }) {
  const decoded = AssignerProtocol.MemberMetadata.decode(memberMetadata);
  return { memberId, topics: decoded?.topics ?? [], owned: readOwned(decoded?.userData) };
}

/** A member of another version may say something else here; it then owns nothing, which is only less stable. */
function readOwned(userData: Buffer | undefined): number[] {
  try {
    const value: unknown = JSON.parse(userData?.toString() ?? '');
    return Array.isArray(value) ? value.filter((item) => Number.isInteger(item)) : [];
  } catch {
    return [];
  }
}
