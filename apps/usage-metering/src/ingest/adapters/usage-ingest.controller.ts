import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  USAGE_INGEST_RPC,
  type BackfillQuery,
  type BackfillView,
  type CustomerNamed,
  type DeprecatedKeys,
  type DeprecatedKeysQuery,
  type KnownKeysQuery,
} from '@orbit/contracts';
import { AnswerGateway } from '../application/answer-gateway.js';

@Controller()
export class UsageIngestController {
  constructor(private readonly answer: AnswerGateway) {}

  @MessagePattern(USAGE_INGEST_RPC.knownKeys)
  async knownKeys(@Payload() query: KnownKeysQuery): Promise<readonly string[]> {
    return this.answer.known(query);
  }

  @MessagePattern(USAGE_INGEST_RPC.deprecatedKeys)
  async deprecatedKeys(@Payload() query: DeprecatedKeysQuery): Promise<DeprecatedKeys> {
    return this.answer.deprecated(query);
  }

  @MessagePattern(USAGE_INGEST_RPC.backfill)
  async backfill(@Payload() query: BackfillQuery): Promise<BackfillView | null> {
    return this.answer.backfill(query);
  }

  @MessagePattern(USAGE_INGEST_RPC.accountTime)
  async accountTime(
    @Payload() query: { readonly account_id: string },
  ): Promise<{ readonly now: string }> {
    return this.answer.time(query);
  }

  @MessagePattern(USAGE_INGEST_RPC.nameCustomer)
  async nameCustomer(@Payload() named: CustomerNamed): Promise<{ readonly events: number }> {
    return this.answer.name(named);
  }
}
