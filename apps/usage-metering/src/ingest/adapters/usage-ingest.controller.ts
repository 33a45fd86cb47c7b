import { Controller } from '@nestjs/common';
import {
  USAGE_INGEST,
  type AccountTime,
  type BackfillQuery,
  type BackfillView,
  type CustomerNamed,
  type DeprecatedKeys,
  type DeprecatedKeysQuery,
  type KnownKeysQuery,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { AnswerGateway } from '../application/answer-gateway.js';

/** Questions and reports of the gateway about the way in of events. */
@Controller()
export class UsageIngestController {
  constructor(private readonly answer: AnswerGateway) {}

  @Handles(USAGE_INGEST.knownKeys)
  knownKeys(query: KnownKeysQuery): Promise<readonly string[]> {
    return this.answer.known(query);
  }

  @Handles(USAGE_INGEST.deprecatedKeys)
  deprecatedKeys(query: DeprecatedKeysQuery): Promise<DeprecatedKeys> {
    return this.answer.deprecated(query);
  }

  @Handles(USAGE_INGEST.backfill)
  backfill(query: BackfillQuery): Promise<BackfillView | null> {
    return this.answer.backfill(query);
  }

  @Handles(USAGE_INGEST.accountTime)
  accountTime(query: { readonly account_id: string }): Promise<AccountTime> {
    return this.answer.time(query.account_id);
  }

  @Handles(USAGE_INGEST.nameCustomer)
  nameCustomer(named: CustomerNamed): Promise<{ readonly events: number }> {
    return this.answer.name(named);
  }
}
