/** A partition that does not move until its cause is repaired. */
export interface Standstill {
  /** "topic/partition", the topic with its prefix; "every partition" while consumers crash as they read. */
  readonly at: string;
  /** Until a restart; else its batch is tried again and again. */
  readonly isStopped: boolean;
  readonly why: string;
}
