import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { GRANT_CADENCES, type GrantCadence } from '@orbit/contracts';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { GrantBody } from './blocks.models.js';
import { IsInstant } from '../../edge/requests/field-rules.js';
import { AMOUNT, amountFault } from '../wallets/wallet-operations.models.js';

const ROLLOVER_PERIODS_MAX = 36;
const EXPIRES = ['period', 'never'] as const;
const STATES = ['active', 'ended', 'cancelled'] as const;

export class GrantScheduleBody extends OmitType(GrantBody, [
  'effective_at',
  'expires_at',
  'description',
] as const) {
  @ApiProperty({ enum: GRANT_CADENCES, example: 'month' })
  @IsIn(GRANT_CADENCES)
  cadence!: GrantCadence;

  @ApiPropertyOptional({
    example: '2026-01-31T00:00:00.000Z',
    description:
      'Start of the first period; default now. Months of fewer days begin on their last one, without drift.',
  })
  @IsOptional()
  @IsInstant()
  anchor_at?: string;

  @ApiPropertyOptional({
    example: 'Europe/Berlin',
    default: 'UTC',
    description: 'IANA zone in whose civil time the periods are counted.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  time_zone?: string;

  @ApiPropertyOptional({ enum: EXPIRES, default: 'period' })
  @IsOptional()
  @IsIn(EXPIRES)
  expires?: (typeof EXPIRES)[number];

  @ApiPropertyOptional({
    example: '10.00',
    description: 'Maximum amount that rolls over in all; default 0.',
  })
  @IsOptional()
  @Matches(AMOUNT, { message: amountFault })
  rollover_cap?: string;

  @ApiPropertyOptional({
    example: 1,
    minimum: 0,
    maximum: ROLLOVER_PERIODS_MAX,
    type: 'integer',
    description:
      'Number of further periods that rolled-over credit may last; default 1 with a cap.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(ROLLOVER_PERIODS_MAX)
  rollover_periods?: number;

  @ApiPropertyOptional({
    example: '2027-01-31T00:00:00.000Z',
    description: 'End of the schedule: no period begins at or after this instant.',
  })
  @IsOptional()
  @IsInstant()
  ends_at?: string;
}

export class GrantScheduleModel {
  @ApiProperty({ example: 'sched_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: 'plan-growth' })
  reference!: string;

  @ApiProperty({ enum: STATES })
  state!: string;

  @ApiProperty({ example: '25.00' })
  amount!: string;

  @ApiProperty({ enum: ['paid', 'promotional'] })
  kind!: string;

  @ApiProperty({ example: 0, type: 'integer' })
  priority!: number;

  @ApiProperty({ example: '0.00' })
  cost_basis!: string;

  @ApiProperty({ enum: GRANT_CADENCES })
  cadence!: string;

  @ApiProperty({ example: '2026-01-31T00:00:00.000Z' })
  anchor_at!: string;

  @ApiProperty({ example: 'UTC' })
  time_zone!: string;

  @ApiProperty({ enum: EXPIRES })
  expires!: string;

  @ApiProperty({ example: '10.00' })
  rollover_cap!: string;

  @ApiProperty({ example: 1, type: 'integer' })
  rollover_periods!: number;

  @ApiProperty({ example: null, nullable: true, type: String })
  ends_at!: string | null;

  @ApiProperty({ example: '2026-02-28T00:00:00.000Z', nullable: true, type: String })
  next_at!: string | null;

  @ApiProperty({ example: '2026-01-31T00:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ example: null, nullable: true, type: String })
  cancelled_at!: string | null;
}
