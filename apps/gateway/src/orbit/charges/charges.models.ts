import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ALLOWANCE_UNITS } from '@orbit/allowances';
import { CHANNEL_PATTERN, CHARGE_ID_PATTERN } from '@orbit/events';
import { QUANTITY_MAX, TTL_SECONDS_DEFAULT, TTL_SECONDS_MAX } from './charge-request.js';

const CHARGE_ID = 'sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ';
const AUTHORIZATION_ID = 'auth_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B';

/** Documentation only: the bodies of hot routes are read by domain/charge-request.ts. */
export class ChargeBody {
  @ApiProperty({
    example: CHARGE_ID,
    pattern: CHARGE_ID_PATTERN,
    description:
      'Identifier chosen by the client; names this one charge for ever. It must not contain `~plan`.',
  })
  charge_id!: string;

  @ApiPropertyOptional({
    example: '0.0075',
    pattern: '^\\d+(\\.\\d{1,6})?$',
    description:
      'Decimal string above zero, at most six decimals, at most 9007199254.740992. Required, with currency and channel, unless `price` is named, from which all three follow.',
  })
  amount?: string;

  @ApiPropertyOptional({ example: 'USD' })
  currency?: string;

  @ApiPropertyOptional({ example: 'sms', pattern: CHANNEL_PATTERN })
  channel?: string;

  @ApiPropertyOptional({
    example: '0.0042',
    pattern: '^(?:0|[1-9]\\d{0,9})(?:\\.\\d{1,18})?$',
    description:
      'Paid upstream by the operator, in the currency of the charge; exact, for `GET /api/v1/operator/margin`. By default that of the price.',
  })
  cost?: string;

  @ApiPropertyOptional({ example: 'chat', description: 'A price of the rate card.' })
  price?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    description:
      'Quantity per dimension, for a price with dimensions; whole numbers or decimal strings.',
    example: { input: 1234, output: 567 },
  })
  quantities?: Record<string, string | number>;

  @ApiPropertyOptional({ example: 1, minimum: 1, maximum: QUANTITY_MAX, type: 'integer' })
  quantity?: number;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: {
      oneOf: [{ type: 'string', nullable: true }, { type: 'number' }, { type: 'boolean' }],
    },
    description:
      'Flat; at most 50 keys and 8 KiB. A number that a double does not keep, such as 9007199254740993, is refused: send it as a string.',
    example: { country: '1' },
  })
  metadata?: Record<string, string | number | boolean | null>;
}

export class AuthorizationBody extends ChargeBody {
  @ApiPropertyOptional({
    example: TTL_SECONDS_DEFAULT,
    default: TTL_SECONDS_DEFAULT,
    minimum: 1,
    maximum: TTL_SECONDS_MAX,
    type: 'integer',
  })
  ttl_seconds?: number;
}

export class CaptureBody {
  @ApiPropertyOptional({
    example: '0.0050',
    description:
      'At most the hold, which is the default. Usage counts the whole `quantity` that was authorized, whatever part of the amount is captured: authorize one by one what may be captured one by one. With a plan this holds for its part and for the rest, each on its own.',
  })
  amount?: string;
}

export class FromPlanModel {
  @ApiProperty({ enum: ALLOWANCE_UNITS, example: 'messages' })
  unit!: string;

  @ApiProperty({ example: 2, minimum: 1, type: 'integer' })
  quantity!: number;
}

const FROM_PLAN =
  'The part that the allowance of the plan covers. `amount` is the rest, or the units when nothing is left.';

export class PricedModel {
  @ApiProperty({ example: 'chat' })
  price!: string;

  @ApiProperty({
    example: '3.0',
    description: 'Versions of the card of the account and of the organization.',
  })
  card_version!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  quantities!: Readonly<Record<string, string>>;

  @ApiProperty({ example: '0.008755', description: 'Exact amount; `amount` is its whole micros.' })
  rated!: string;

  @ApiProperty({ example: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567' })
  formula!: string;
}

export class AuthorizationModel {
  @ApiPropertyOptional({
    type: PricedModel,
    description: 'Present on a charge that named a price.',
  })
  price?: PricedModel;

  @ApiProperty({ example: AUTHORIZATION_ID })
  authorization_id!: string;

  @ApiProperty({ example: CHARGE_ID })
  charge_id!: string;

  @ApiProperty({ example: '0.0075' })
  amount!: string;

  @ApiProperty({
    example: 'USD',
    description: 'The unit of the allowance when a plan pays it all.',
  })
  currency!: string;

  @ApiPropertyOptional({ type: FromPlanModel, description: FROM_PLAN })
  from_plan?: FromPlanModel;

  @ApiProperty({ example: '149.9925', description: 'Left to spend after this hold.' })
  available_after!: string;

  @ApiProperty({ example: '2026-05-16T11:31:18.901Z' })
  expires_at!: string;
}

export class EndedAuthorizationModel {
  @ApiProperty({ example: AUTHORIZATION_ID })
  authorization_id!: string;

  @ApiProperty({ example: CHARGE_ID })
  charge_id!: string;

  @ApiProperty({ example: '6.00', description: 'Held amount.' })
  amount!: string;

  @ApiProperty({
    example: 'USD',
    description: 'The unit of the allowance when a plan pays it all.',
  })
  currency!: string;

  @ApiProperty({ example: '4.50', description: 'Amount that will be posted.' })
  captured!: string;

  @ApiProperty({ example: '1.50', description: 'Amount that was released.' })
  released!: string;

  @ApiProperty({ enum: ['captured', 'released'] })
  status!: string;
}

export class SliceModel {
  @ApiProperty({ example: 'blk_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  block_id!: string;

  @ApiProperty({ example: '0.0075' })
  amount!: string;
}

export class ChargeModel {
  @ApiPropertyOptional({
    type: PricedModel,
    description: 'Present on a charge that named a price.',
  })
  price?: PricedModel;

  @ApiProperty({ example: CHARGE_ID })
  charge_id!: string;

  @ApiProperty({ enum: ['accepted', 'posted', 'rejected'] })
  status!: string;

  @ApiProperty({ example: '0.0075' })
  amount!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiPropertyOptional({ type: FromPlanModel, description: FROM_PLAN })
  from_plan?: FromPlanModel;

  @ApiPropertyOptional({ example: AUTHORIZATION_ID, description: 'Accepted charges.' })
  authorization_id?: string;

  @ApiPropertyOptional({ example: '149.9925', description: 'Accepted charges: left to spend.' })
  available_after?: string;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Present on decided charges.' })
  reason?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '149.9925',
    description: 'Decided charges: of the books, where credit counts that begins only later.',
  })
  balance_after?: string | null;

  @ApiPropertyOptional({ type: Number, nullable: true, example: 14_999 })
  balance_after_cents?: number | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: '42' })
  sequence?: string | null;

  @ApiPropertyOptional({ type: [SliceModel], description: 'The credit blocks that paid.' })
  slices?: readonly SliceModel[];
}
