import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  LEASE_STATES,
  LEASE_TTL_MS_MAX,
  LEASE_TTL_MS_MIN,
  type LeaseState,
} from '@orbit/contracts';
import { parseAmount } from '@orbit/money';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { IfGiven, nameFault, QueryInteger, VISIBLE_NAME } from '../../edge/requests/field-rules.js';

const TTL_SECONDS_MIN = LEASE_TTL_MS_MIN / 1_000;
const TTL_SECONDS_MAX = LEASE_TTL_MS_MAX / 1_000;
const AMOUNT_PATTERN = '^\\d+(\\.\\d{1,6})?$';
const HOLDER_LENGTH_MAX = 200;

const IsPositiveAmount = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPositiveAmount',
    validator: {
      validate: (value: unknown) => {
        const parsed = parseAmount(value);
        return parsed.ok && parsed.amountMicros > 0n;
      },
      defaultMessage: (fault) =>
        `${fault?.property} is a decimal string above zero with at most six decimals, such as "25.00"`,
    },
  });

export class LeaseBody {
  @ApiProperty({
    example: '25.00',
    pattern: AMOUNT_PATTERN,
    description: 'Amount to set aside for this lease; a decimal string.',
  })
  @IsPositiveAmount()
  amount!: string;

  @ApiPropertyOptional({ example: 'USD', description: 'Default: the currency of the wallet.' })
  @IsOptional()
  @IsString()
  currency?: string;

  @ApiProperty({
    example: 60,
    minimum: TTL_SECONDS_MIN,
    maximum: TTL_SECONDS_MAX,
    type: 'integer',
    description: 'Lifetime of the lease. The unspent amount returns automatically when it ends.',
  })
  @IsInt()
  @Min(TTL_SECONDS_MIN)
  @Max(TTL_SECONDS_MAX)
  ttl_seconds!: number;

  @ApiPropertyOptional({
    example: 'sms-sender-7',
    description: 'Label of the spender, for people.',
  })
  @IsOptional()
  @IsString()
  @Length(1, HOLDER_LENGTH_MAX)
  @Matches(VISIBLE_NAME, { message: nameFault })
  holder?: string;
}

export class LeaseRenewalBody {
  @ApiPropertyOptional({
    example: '25.00',
    pattern: AMOUNT_PATTERN,
    description: 'Amount added to the lease.',
  })
  // null would pass as absent, and reach the ledger as a time or an amount.
  @IfGiven()
  @IsPositiveAmount()
  amount?: string;

  @ApiPropertyOptional({
    example: 60,
    minimum: TTL_SECONDS_MIN,
    maximum: TTL_SECONDS_MAX,
    type: 'integer',
    description: 'New lifetime, counted from now; never shortens the lease.',
  })
  @IfGiven()
  @IsInt()
  @Min(TTL_SECONDS_MIN)
  @Max(TTL_SECONDS_MAX)
  ttl_seconds?: number;
}

export class LeasesQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 30, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 30;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({ enum: LEASE_STATES })
  @IsOptional()
  @IsIn(LEASE_STATES)
  state?: LeaseState;
}

export class LeaseModel {
  @ApiProperty({ example: 'lease_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  lease_id!: string;

  @ApiProperty({
    enum: LEASE_STATES,
    description: '`closing`: the ledger is still reading charges that were sent before.',
  })
  state!: LeaseState;

  @ApiProperty({ example: 'sms-sender-7', nullable: true, type: String })
  holder!: string | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '25.00', description: 'Set aside in all: spent + remaining + returned.' })
  granted!: string;

  @ApiProperty({ example: '10.0075', description: 'Posted amount.' })
  spent!: string;

  @ApiProperty({ example: '14.9925', description: 'Held by the lease; nobody else can spend it.' })
  remaining!: string;

  @ApiProperty({ example: '0.00', description: 'Amount returned when the lease was closed.' })
  returned!: string;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z', format: 'date-time' })
  opened_at!: string;

  @ApiProperty({ example: '2026-05-16T11:23:33.444Z', format: 'date-time' })
  expires_at!: string;

  @ApiProperty({ example: null, nullable: true, type: String, format: 'date-time' })
  closed_at!: string | null;
}

export class LeasePageModel {
  @ApiProperty({ type: [LeaseModel] })
  leases!: readonly LeaseModel[];

  @ApiProperty({ nullable: true, type: String, example: null })
  next_cursor!: string | null;

  @ApiProperty({ example: false })
  has_more!: boolean;
}
