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
    description: 'Reload when the balance falls below this, in minor units. Needed once.',
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
      'One step, and the most that one payment takes unless `max_amount_per_payment` says more. Needed once.',
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
    description: 'Pay up to this balance instead of in steps.',
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

  @ApiPropertyOptional({ example: 3, nullable: true, type: 'integer', description: 'UTC day.' })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(COUNT_MAX)
  max_reloads_per_day?: number | null;

  @ApiPropertyOptional({ example: 30, nullable: true, type: 'integer', description: 'UTC month.' })
  @IfNotNull()
  @IsInt()
  @Min(1)
  @Max(COUNT_MAX)
  max_reloads_per_month?: number | null;

  @ApiPropertyOptional({
    example: 50_000,
    nullable: true,
    type: 'integer',
    description: 'Of a UTC day. Null or never said: ten times the most that one payment takes.',
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
    description: 'As it holds, whether it was named or not; so is `max_amount_per_day`.',
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
    description: 'What was taken back, while it is paused.',
  })
  paused_reason!: AutoReloadView['paused_reason'];

  @ApiProperty({ example: null, nullable: true, type: String })
  paused_at!: string | null;

  @ApiProperty({ example: 0, description: 'Failures in a row; at three it turns itself off.' })
  declines!: number;

  @ApiProperty({ example: null, nullable: true, type: String })
  last_error!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  last_error_at!: string | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'Where a person authenticates the payment that waits for it.',
  })
  action_url!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  next_attempt_at!: string | null;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z', nullable: true, type: String })
  updated_at!: string | null;
}
