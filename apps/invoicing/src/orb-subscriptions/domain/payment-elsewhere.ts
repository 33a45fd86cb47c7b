/** A payment that was made elsewhere, as somebody says. */
export interface PaidElsewhere {
  readonly receivedMs: number;
  readonly receivedDate: string;
  readonly externalId: string | null;
  readonly notes: string | null;
}
