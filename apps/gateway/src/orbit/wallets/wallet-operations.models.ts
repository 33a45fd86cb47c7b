import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OUTAGE_POLICY_NAMES, type OutagePolicyName } from '@orbit/contracts';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { IfNotNull } from '../../edge/requests/field-rules.js';
import { TransactionModel } from './transactions.models.js';

/** Decimal with at most six places; the ledger refuses what does not fit in a wallet. */
export const AMOUNT = /^\d{1,10}(\.\d{1,6})?$/;
const SIGNED_AMOUNT = /^-?\d{1,10}(\.\d{1,6})?$/;
export const REFERENCE = /^[\x21-\x7e]{1,200}$/;
const GRACE_SECONDS_MAX = 31_536_000;

export const amountFault = '$property is a decimal string such as "25.00"';
export const referenceFault = '$property is 1 to 200 visible ASCII characters';

export class PoliciesBody {
  @ApiPropertyOptional({
    example: '0.00',
    description: 'How far below zero charges may take the balance.',
  })
  @IsOptional()
  @Matches(AMOUNT, { message: amountFault })
  overdraft_limit?: string;

  @ApiPropertyOptional({
    example: '5.00',
    nullable: true,
    type: String,
    description:
      'Threshold of `balance.low`, published when the balance falls below it; null: never.',
  })
  @IfNotNull()
  @Matches(AMOUNT, { message: amountFault })
  low_balance_threshold?: string | null;

  @ApiPropertyOptional({
    example: 172_800,
    minimum: 0,
    maximum: GRACE_SECONDS_MAX,
    type: 'integer',
    description: 'Grace: usage that arrives within this time after a block expired may draw on it.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(GRACE_SECONDS_MAX)
  late_usage_grace_seconds?: number;

  @ApiPropertyOptional({
    example: false,
    description: 'Whether a capture after the expiry of its hold still posts.',
  })
  @IsOptional()
  @IsBoolean()
  settle_late?: boolean;

  @ApiPropertyOptional({
    enum: OUTAGE_POLICY_NAMES,
    description: 'Policy of authorization while hot balances are not trusted.',
  })
  @IsOptional()
  @IsIn(OUTAGE_POLICY_NAMES)
  outage_policy?: OutagePolicyName;

  @ApiPropertyOptional({
    example: '10.00',
    description: 'For `open_with_budget`: how much in all.',
  })
  @IsOptional()
  @Matches(AMOUNT, { message: amountFault })
  outage_budget?: string;
}

export class PoliciesModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: 'wal_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  wallet_id!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: '0.00' })
  overdraft_limit!: string;

  @ApiProperty({ example: '5.00', nullable: true, type: String })
  low_balance_threshold!: string | null;

  @ApiProperty({ example: 172_800, type: 'integer' })
  late_usage_grace_seconds!: number;

  @ApiProperty({ example: false })
  settle_late!: boolean;

  @ApiProperty({ enum: OUTAGE_POLICY_NAMES })
  outage_policy!: OutagePolicyName;

  @ApiProperty({ example: '0.00' })
  outage_budget!: string;
}

export class AdjustmentBody {
  @ApiProperty({ example: '-5.00', description: 'Signed: more becomes a block, less is drawn.' })
  @Matches(SIGNED_AMOUNT, { message: '$property is a decimal string such as "5.00" or "-5.00"' })
  amount!: string;

  @ApiPropertyOptional({ example: 'USD', description: "Default: the organization's." })
  @IsOptional()
  @IsString()
  currency?: string;

  @ApiProperty({ example: 'outage of May 16', minLength: 1, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: '$property says why' })
  reason!: string;

  @ApiProperty({
    example: 'inc-2041',
    description: 'Identifier chosen by the client; a repeat books nothing.',
  })
  @Matches(REFERENCE, { message: referenceFault })
  reference!: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Book it even when the balance does not cover it.',
  })
  @IsOptional()
  @IsBoolean()
  allow_negative?: boolean;
}

export class BookedModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: 'inc-2041' })
  reference!: string;

  @ApiProperty({ type: [TransactionModel] })
  transactions!: readonly TransactionModel[];

  @ApiProperty({ example: '95.00' })
  balance_after!: string;

  @ApiProperty({
    description: 'True for a repeat: this is the first answer, nothing was booked now.',
  })
  replayed!: boolean;
}
