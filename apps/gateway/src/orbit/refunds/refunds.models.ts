import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  DIFFERENCES,
  DISPUTE_STATES,
  REFUND_REASONS,
  REFUND_STATES,
  type DifferenceKind,
  type DisputeViewState,
  type RefundReason,
  type RefundViewState,
} from '@orbit/contracts';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { QueryInteger } from '../../edge/requests/field-rules.js';

/** Stripe's own limit of one payment, in minor units. */
const REFUND_MINOR_MAX = 99_999_999;
const ID_LENGTH_MAX = 255;

export class CreateRefundBody {
  @ApiPropertyOptional({
    example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
    description: 'The top-up; this or `payment_id`.',
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  topup_id?: string;

  @ApiPropertyOptional({
    example: 'pi_abc123',
    description:
      'The payment as Stripe names it (`pi_…`, `cs_…`), or the `reference` of its transaction.',
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  payment_id?: string;

  @ApiPropertyOptional({
    example: 7_500,
    minimum: 1,
    maximum: REFUND_MINOR_MAX,
    type: 'integer',
    description: 'Amount in minor units. Default: the whole unspent amount of the payment.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(REFUND_MINOR_MAX)
  amount?: number;

  @ApiPropertyOptional({ enum: REFUND_REASONS, example: 'requested_by_customer' })
  @IsOptional()
  @IsIn(REFUND_REASONS)
  reason?: RefundReason;
}

export class RefundModel {
  @ApiProperty({ example: 'ref_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  topup_id!: string;

  @ApiProperty({ example: 'pi_abc123' })
  payment_id!: string;

  @ApiProperty({
    enum: REFUND_STATES,
    example: 'succeeded',
    description:
      '`pending` until Stripe reports an outcome. A refund may fail after it had succeeded.',
  })
  state!: RefundViewState;

  @ApiProperty({
    example: 7_500,
    nullable: true,
    type: Number,
    description: 'Amount in minor units.',
  })
  amount_minor!: number | null;

  @ApiProperty({
    example: '75.00',
    nullable: true,
    type: String,
    description: 'Amount that leaves the wallet, in `unit`.',
  })
  amount!: string | null;

  @ApiProperty({ example: 'usd', description: 'Currency of the payment.' })
  currency!: string;

  @ApiProperty({ example: 'usd', description: 'Currency or unit of the wallet.' })
  unit!: string;

  @ApiProperty({ example: 'requested_by_customer', nullable: true, type: String })
  reason!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  failure_reason!: string | null;

  @ApiProperty({
    enum: ['api', 'dashboard'],
    example: 'api',
    description: '`dashboard`: made at Stripe.',
  })
  origin!: string;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z' })
  created_at!: string;

  @ApiProperty({ example: '2026-05-16T11:22:34.100Z', nullable: true, type: String })
  refunded_at!: string | null;
}

class PageQuery {
  @ApiPropertyOptional({ default: 30, minimum: 1, maximum: 100, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 30;

  @ApiPropertyOptional({ description: '`meta.pagination.cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  cursor?: string;
}

export class RefundsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Of this top-up only.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  topup_id?: string;
}

export class DisputesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DISPUTE_STATES, example: 'open' })
  @IsOptional()
  @IsIn(DISPUTE_STATES)
  state?: DisputeViewState;

  @ApiPropertyOptional({ description: 'Of this organization only.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  organization_id?: string;
}

export class DisputeModel {
  @ApiProperty({ example: 'du_abc123', description: 'Identifier at Stripe.' })
  id!: string;

  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  topup_id!: string;

  @ApiProperty({ example: 'pi_abc123' })
  payment_id!: string;

  @ApiProperty({ enum: DISPUTE_STATES, example: 'open' })
  state!: DisputeViewState;

  @ApiProperty({ example: 10_000 })
  amount_minor!: number;

  @ApiProperty({ example: '100.00', description: 'Amount in `unit`.' })
  amount!: string;

  @ApiProperty({ example: 'usd', description: 'Currency of the payment.' })
  currency!: string;

  @ApiProperty({ example: 'usd', description: 'Currency or unit of the wallet.' })
  unit!: string;

  @ApiProperty({ example: 1_500, description: 'Fee that Stripe charged for it, in minor units.' })
  fee_minor!: number;

  @ApiProperty({ example: 'fraudulent' })
  reason!: string;

  @ApiProperty({ example: '2026-05-23T11:22:33.000Z', nullable: true, type: String })
  evidence_due_at!: string | null;

  @ApiProperty({ example: '2026-05-16T11:22:33.000Z' })
  opened_at!: string;

  @ApiProperty({ example: null, nullable: true, type: String })
  closed_at!: string | null;
}

export class ReconcileBody {
  @ApiPropertyOptional({
    example: '2026-05-15T00:00:00Z',
    description: 'Start of the check. Default: as far back as the scheduled check looks.',
  })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  since?: string;

  @ApiPropertyOptional({
    example: false,
    description: "Replay what was missed from Stripe's list of events first.",
  })
  @IsOptional()
  @IsBoolean()
  fix?: boolean;
}

export class DifferenceModel {
  @ApiProperty({ enum: DIFFERENCES, example: 'refund_not_booked' })
  kind!: DifferenceKind;

  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B', nullable: true, type: String })
  organization_id!: string | null;

  @ApiProperty({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B', nullable: true, type: String })
  topup_id!: string | null;

  @ApiProperty({ example: 're_abc123', description: 'The payment, refund or dispute.' })
  subject!: string;

  @ApiProperty({ example: 'pi_abc123', nullable: true, type: String })
  payment_intent_id!: string | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '-25.00' })
  at_stripe!: string;

  @ApiProperty({ example: '0.00' })
  in_ledger!: string;

  @ApiProperty({ example: 'Run it again with --fix: the event of the refund was missed.' })
  what_to_do!: string;
}

class ComparedModel {
  @ApiProperty({ example: 120 })
  balance_transactions!: number;

  @ApiProperty({ example: 100 })
  payments!: number;

  @ApiProperty({ example: 12 })
  refunds!: number;

  @ApiProperty({ example: 2 })
  disputes!: number;

  @ApiProperty({ example: 114 })
  ledger_entries!: number;
}

class ClearingTotalModel {
  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '985.00' })
  at_stripe!: string;

  @ApiProperty({ example: '985.00' })
  in_ledger!: string;
}

export class StripeReportModel {
  @ApiProperty({ example: '2026-05-15T00:00:00.000Z' })
  since!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z' })
  until!: string;

  @ApiProperty({ type: ComparedModel })
  compared!: ComparedModel;

  @ApiProperty({ example: 0, description: 'Payments at Stripe that are no top-ups.' })
  not_ours!: number;

  @ApiProperty({
    type: ClearingTotalModel,
    isArray: true,
    description: 'Amounts of the compared payments at Stripe, and the account stripe_clearing.',
  })
  clearing!: readonly ClearingTotalModel[];

  @ApiProperty({ type: DifferenceModel, isArray: true })
  differences!: readonly DifferenceModel[];

  @ApiProperty({ example: 0 })
  replayed_events!: number;
}
