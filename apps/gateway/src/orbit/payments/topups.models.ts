import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TOPUP_VIEW_STATES, type TopUpViewState } from '@orbit/contracts';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IfGiven, IsHttpUrl, QueryInteger } from '../../edge/requests/field-rules.js';

/** Stripe's own limit of one payment, in minor units. */
const TOP_UP_MINOR_MAX = 99_999_999;
const ID_LENGTH_MAX = 64;

export class TopUpNowBody {
  @ApiProperty({ example: 10_000, minimum: 1, maximum: TOP_UP_MINOR_MAX, type: 'integer' })
  @IsInt()
  @Min(1)
  @Max(TOP_UP_MINOR_MAX)
  amount!: number;

  @ApiPropertyOptional({
    example: 'usd',
    description:
      'Default: the currency of the wallet. For a wallet in a custom unit, either that unit (to buy this many) or the currency they are sold in (to pay this much).',
  })
  @IsOptional()
  @IsString()
  currency?: string;

  @ApiPropertyOptional({
    example: 'https://example.com/billing',
    description: 'Return address, used when the bank requires authentication.',
  })
  @IfGiven()
  @IsHttpUrl()
  returnUrl?: string;
}

export class TopUpNowModel {
  @ApiProperty({ example: 25_000, description: 'Balance after it, in minor units.' })
  balance!: number;

  @ApiProperty({
    example: 10_000,
    description: 'Amount that this added to `balance`; 0 while it is processing.',
  })
  topped_up!: number;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: 'pi_abc123', nullable: true, type: String })
  payment_id!: string | null;

  @ApiProperty({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  topup_id!: string;

  @ApiProperty({ example: 'succeeded', enum: TOPUP_VIEW_STATES })
  state!: TopUpViewState;
}

export class TopUpStateModel {
  @ApiProperty({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ enum: ['hosted', 'off_session', 'auto_reload'], example: 'off_session' })
  kind!: string;

  @ApiProperty({ enum: TOPUP_VIEW_STATES, example: 'succeeded' })
  state!: TopUpViewState;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'Reason why the top-up failed, expired or was parked.',
  })
  reason!: string | null;

  @ApiProperty({
    example: 10_000,
    description: 'Amount credited to the wallet, floored to minor units.',
  })
  amount_minor!: number;

  @ApiProperty({ example: '100.00' })
  amount!: string;

  @ApiProperty({ example: 'usd', description: 'Currency or unit of the wallet.' })
  currency!: string;

  @ApiProperty({ example: 10_000, description: 'Amount due, in minor units.' })
  payment_minor!: number;

  @ApiProperty({ example: 'usd', description: 'Differs from `currency` for a custom unit.' })
  payment_currency!: string;

  @ApiProperty({ example: 'pi_abc123', nullable: true, type: String })
  payment_id!: string | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description:
      'Address at which a person completes the payment, while the bank requires authentication.',
  })
  action_url!: string | null;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z' })
  created_at!: string;
}

/** What an operator sees besides. */
export class OperatorTopUpModel extends TopUpStateModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({
    example: 9_999,
    nullable: true,
    type: Number,
    description: 'Received amount, in minor units.',
  })
  received_minor!: number | null;

  @ApiProperty({ example: 'usd', nullable: true, type: String })
  received_currency!: string | null;

  @ApiProperty({
    example: true,
    description: 'Whether the received amount can be credited to this wallet.',
  })
  is_creditable!: boolean;

  @ApiProperty({ example: 'cs_test_abc123', nullable: true, type: String })
  checkout_session_id!: string | null;
}

export class TopUpsQuery {
  @ApiPropertyOptional({ enum: TOPUP_VIEW_STATES, example: 'parked' })
  @IsOptional()
  @IsIn(TOPUP_VIEW_STATES)
  state?: TopUpViewState;

  @ApiPropertyOptional({ description: 'Of this organization only.' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(ID_LENGTH_MAX)
  organization_id?: string;

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

export class ResolveTopUpBody {
  @ApiProperty({
    enum: ['credit_received', 'dismiss'],
    description: 'Credit exactly the received amount, or nothing (then refund it at Stripe).',
  })
  @IsIn(['credit_received', 'dismiss'])
  action!: 'credit_received' | 'dismiss';

  @ApiProperty({ example: 'The bank took a fee of one cent; agreed with the customer.' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  reason!: string;
}
