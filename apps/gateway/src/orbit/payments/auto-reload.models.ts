import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AUTO_RELOAD_STATES, TAKING_REASONS, type AutoReloadView } from '@orbit/contracts';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { IfGiven, IfNotNull } from '../../edge/requests/field-rules.js';

/** Stripe's own limit of one payment, in minor units. */
const MINOR_MAX = 99_999_999;
const COUNT_MAX = 10_000;

export class AutoReloadBody {
  @ApiProperty({ example: true })
  @IsBoolean()
  enabled!: boolean;

  @ApiPropertyOptional({
    example: 5_000,
    minimum: 0,
    maximum: MINOR_MAX,
    type: 'integer',
    description:
      'Reload when the balance falls below this amount, in minor units. Required on first use.',
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MINOR_MAX)
  threshold?: number;

  @ApiPropertyOptional({
    example: 10_000,
    minimum: 1,
    maximum: MINOR_MAX,
    type: 'integer',
    description:
      'Amount of one step. It is also the limit per payment, unless `max_amount_per_payment` is higher. Required on first use.',
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(MINOR_MAX)
  amount?: number;

  @ApiPropertyOptional({
    example: 20_000,
    nullable: true,
    type: 'integer',
    description: 'Target balance: pay up to it instead of in steps.',
  })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(MINOR_MAX)
  target?: number | null;

  @ApiPropertyOptional({
    example: 40_000,
    nullable: true,
    type: 'integer',
    description:
      'The most that one payment takes: as many steps as close the gap and fit in it. Null or never said: one step, or ' +
      'the target; the payment on switching on then closes the gap that stands.',
  })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(MINOR_MAX)
  max_amount_per_payment?: number | null;

  @ApiPropertyOptional({
    example: 3,
    nullable: true,
    type: 'integer',
    description: 'Limit of reloads per UTC day.',
  })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(COUNT_MAX)
  max_reloads_per_day?: number | null;

  @ApiPropertyOptional({
    example: 30,
    nullable: true,
    type: 'integer',
    description: 'Limit of reloads per UTC month.',
  })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(COUNT_MAX)
  max_reloads_per_month?: number | null;

  @ApiPropertyOptional({
    example: 50_000,
    nullable: true,
    type: 'integer',
    description: 'Limit per UTC day. Null or unset: ten times the limit per payment.',
  })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  max_amount_per_day?: number | null;

  @ApiPropertyOptional({ example: 200_000, nullable: true, type: 'integer' })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  max_amount_per_month?: number | null;
}

export class AutoReloadTermsModel implements AutoReloadView {
  @ApiProperty({ example: true })
  enabled!: boolean;

  @ApiProperty({ example: 5_000, nullable: true, type: Number })
  threshold!: number | null;

  @ApiProperty({ example: 10_000, nullable: true, type: Number })
  amount!: number | null;

  @ApiProperty({ example: null, nullable: true, type: Number })
  target!: number | null;

  @ApiProperty({
    example: 10_000,
    nullable: true,
    type: Number,
    description:
      'The limit in force, whether it was set or is the default; the same goes for `max_amount_per_day`.',
  })
  max_amount_per_payment!: number | null;

  @ApiProperty({ example: 3, nullable: true, type: Number })
  max_reloads_per_day!: number | null;

  @ApiProperty({ example: null, nullable: true, type: Number })
  max_reloads_per_month!: number | null;

  @ApiProperty({ example: 100_000, nullable: true, type: Number })
  max_amount_per_day!: number | null;

  @ApiProperty({ example: null, nullable: true, type: Number })
  max_amount_per_month!: number | null;

  @ApiProperty({
    enum: AUTO_RELOAD_STATES,
    example: 'armed',
    description:
      '`disabled`: it turned itself off after three declines; `off`: somebody did; `paused`: money was taken back from the ' +
      'wallet, and nothing is paid until somebody goes on.',
  })
  state!: AutoReloadView['state'];

  @ApiProperty({
    enum: TAKING_REASONS,
    example: null,
    nullable: true,
    type: String,
    description: 'Kind of withdrawal that paused auto-reload; null while it is not paused.',
  })
  paused_reason!: AutoReloadView['paused_reason'];

  @ApiProperty({ example: null, nullable: true, type: String })
  paused_at!: string | null;

  @ApiProperty({
    example: 0,
    description: 'Failures in a row; at three, auto-reload turns itself off.',
  })
  declines!: number;

  @ApiProperty({ example: null, nullable: true, type: String })
  last_error!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  last_error_at!: string | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'Address at which a person authenticates the waiting payment.',
  })
  action_url!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  next_attempt_at!: string | null;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z', nullable: true, type: String })
  updated_at!: string | null;
}
