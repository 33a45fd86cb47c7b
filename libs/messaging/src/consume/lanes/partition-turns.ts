/**
 * Batches with the same partition number take turns, whatever their topic. Topics share key and partition
 * count, so two of them may touch the same wallets; at once they would only lose to the other's fence.
 */
export class PartitionTurns {
  private readonly last = new Map<number, Promise<unknown>>();

  async take<T>(partition: number, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(partition) ?? Promise.resolve();
    // The one before may have failed; that is its own affair.
    const mine = before.then(work, work);
    this.last.set(partition, mine);
    return mine;
  }
}
