import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BLOCK_STATES, type BlockState } from '@orbit/contracts';
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
  ValidateIf,
} from 'class-validator';
import {
  IfNotNull,
  IsInstant,
  NOT_A_CURSOR,
  QueryInteger,
} from '../../edge/requests/field-rules.js';
import {
  AMOUNT,
  amountFault,
  REFERENCE,
  referenceFault,
} from '../wallets/wallet-operations.models.js';

const PRIORITY_MAX = 1_000;
const BLOCK_KINDS = ['paid', 'promotional'] as const;
const BLOCK_ID = /^blk_[0-9a-z]{1,12}_[0-9a-z]{1,12}$/;

/** A change of a block says why, and under which reference it happens once. */
export class BlockChangeBody {
  @ApiProperty({
    example: 'case-2041',
    description: 'Identifier chosen by the client; a repeat books nothing.',
  })
  @Matches(REFERENCE, { message: referenceFault })
  reference!: string;

  @ApiProperty({ example: 'agreed with the customer', minLength: 1, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: '$property says why' })
  reason!: string;
}

export class ReversalBody extends BlockChangeBody {
  @ApiPropertyOptional({
    example: '0.0075',
    description: 'Default: the whole amount that is not reversed yet.',
  })
  @IsOptional()
  @Matches(AMOUNT, { message: amountFault })
  amount?: string;

  @ApiPropertyOptional({
    example: '2026-06-30T00:00:00.000Z',
    description:
      'Credit that returns to an expired block may be spent until then. Default: it expires on arrival.',
  })
  @IsOptional()
  @IsInstant()
  extend_to?: string;
}

export class ExtensionBody extends BlockChangeBody {
  @ApiProperty({
    example: '2026-06-30T00:00:00.000Z',
    nullable: true,
    type: String,
    description: 'New end, later than the present one; null: never expires.',
  })
  @ValidateIf((_body, value: unknown) => value !== null)
  @IsInstant()
  expires_at!: string | null;

  @ApiPropertyOptional({
    default: false,
    description: "Also reopen credit that expired longer ago than the wallet's grace.",
  })
  @IsOptional()
  @IsBoolean()
  reopen?: boolean;
}

export class VoidBody extends BlockChangeBody {
  @ApiPropertyOptional({
    default: false,
    description:
      'Void it even when open authorizations rely on it; otherwise the request is refused with the maximum (`details.max`).',
  })
  @IsOptional()
  @IsBoolean()
  allow_negative?: boolean;
}

export class AmendmentBody extends VoidBody {
  @ApiProperty({ example: '30.00', description: 'The new amount, used part included.' })
  @Matches(AMOUNT, { message: amountFault })
  amount!: string;
}

export class GrantBody {
  @ApiProperty({ example: '25.00' })
  @Matches(AMOUNT, { message: amountFault })
  amount!: string;

  @ApiPropertyOptional({
    example: 'USD',
    description: "A currency or a custom unit such as `credits`. Default: the organization's.",
  })
  @IsOptional()
  @IsString()
  currency?: string;

  @ApiProperty({ enum: BLOCK_KINDS, example: 'promotional' })
  @IsIn(BLOCK_KINDS)
  kind!: (typeof BLOCK_KINDS)[number];

  @ApiPropertyOptional({
    default: 0,
    minimum: -PRIORITY_MAX,
    maximum: PRIORITY_MAX,
    type: 'integer',
    description: 'Blocks with a lower priority are spent first.',
  })
  @IsOptional()
  @IsInt()
  @Min(-PRIORITY_MAX)
  @Max(PRIORITY_MAX)
  priority?: number;

  @ApiPropertyOptional({
    example: '0.01',
    description: 'Cost of one unit. Default: 1 for paid credit, 0 for promotional.',
  })
  @IsOptional()
  @Matches(AMOUNT, { message: amountFault })
  cost_basis?: string;

  @ApiPropertyOptional({ example: '2026-05-16T00:00:00.000Z', description: 'Default: now.' })
  @IsOptional()
  @IsInstant()
  effective_at?: string;

  @ApiPropertyOptional({ example: '2026-06-16T00:00:00.000Z', nullable: true, type: String })
  @IfNotNull()
  @IsInstant()
  expires_at?: string | null;

  @ApiProperty({
    example: 'welcome-2026',
    description: 'Identifier chosen by the client; a repeat grants nothing.',
  })
  @Matches(REFERENCE, { message: referenceFault })
  reference!: string;

  @ApiPropertyOptional({ example: 'Welcome credit', maxLength: 200 })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  description?: string;
}

export class BlocksQuery {
  @ApiPropertyOptional({ example: 'USD', description: "Default: the organization's." })
  @IsOptional()
  @IsString()
  currency?: string;

  @ApiPropertyOptional({
    enum: ['open', 'all'],
    default: 'open',
    description:
      '`open`: those with something left, in the order of spending. `all`: newest first.',
  })
  @IsOptional()
  @IsIn(['open', 'all'])
  include: 'open' | 'all' = 'open';

  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 100, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 100;

  @ApiPropertyOptional({ description: '`cursor` of the page before; with `include=all`.' })
  @IsOptional()
  @Matches(BLOCK_ID, NOT_A_CURSOR)
  cursor?: string;
}

export class CreditBlockModel {
  @ApiProperty({ example: 'blk_1_2s' })
  id!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ enum: BLOCK_STATES })
  state!: BlockState;

  @ApiProperty({ enum: BLOCK_KINDS })
  kind!: string;

  @ApiProperty({
    example: 0,
    type: 'integer',
    description: 'Blocks with a lower priority are spent first.',
  })
  priority!: number;

  @ApiProperty({ example: '1.00', description: 'Cost of one unit.' })
  cost_basis!: string;

  @ApiProperty({ example: '25.00' })
  amount!: string;

  @ApiProperty({ example: '12.50' })
  remaining!: string;

  @ApiProperty({ example: '0.00', description: 'Amount reserved by leases, refunds and disputes.' })
  held!: string;

  @ApiProperty({ example: '0.00', description: 'Amount that expired unused.' })
  expired!: string;

  @ApiProperty({ example: '2026-05-16T11:21:18.901Z' })
  effective_at!: string;

  @ApiProperty({ example: null, nullable: true, type: String })
  expires_at!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  voided_at!: string | null;

  @ApiProperty({ example: '2026-05-16T11:21:18.901Z' })
  created_at!: string;
}

export class CreditBlockPageModel {
  @ApiProperty({ type: [CreditBlockModel] })
  blocks!: readonly CreditBlockModel[];

  @ApiProperty({ nullable: true, type: String, example: null })
  cursor!: string | null;

  @ApiProperty({ example: false })
  has_more!: boolean;
}
