import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHANNEL_PATTERN } from '@orbit/events';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { IsDateOrInstant, QueryInteger } from '../../edge/requests/field-rules.js';

export const TRANSACTION_TYPES = [
  'topup',
  'spend',
  'refund',
  'reversal',
  'adjustment',
  'grant',
  'expiry',
  'dispute',
  'fee',
  'extension',
  'amendment',
  'void',
  'reopen',
  'transfer',
] as const;

export class TransactionsQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 30, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 30;

  @ApiPropertyOptional({ description: 'The opaque `cursor` of the page before.' })
  @IsOptional()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({ description: '`next_cursor.cursor_ts` of the page before.' })
  @IsOptional()
  @IsString()
  cursor_ts?: string;

  @ApiPropertyOptional({ description: '`next_cursor.cursor_id` of the page before.' })
  @IsOptional()
  @IsString()
  cursor_id?: string;

  @ApiPropertyOptional({ enum: TRANSACTION_TYPES })
  @IsOptional()
  @IsIn(TRANSACTION_TYPES)
  type?: (typeof TRANSACTION_TYPES)[number];

  @ApiPropertyOptional({ example: 'sms' })
  @IsOptional()
  @Matches(new RegExp(CHANNEL_PATTERN), {
    message: '$property is 1 to 64 of a-z, 0-9, "_" and "-", a letter first',
  })
  channel?: string;

  @ApiPropertyOptional({ description: 'From this date or instant on.', example: '2026-05-01' })
  @IsOptional()
  @IsDateOrInstant()
  from?: string;

  @ApiPropertyOptional({ description: 'Before this date or instant.', example: '2026-06-01' })
  @IsOptional()
  @IsDateOrInstant()
  to?: string;
}

export class TransactionModel {
  @ApiProperty({ example: 'ct_2vXq7p9yzAbCdEe' })
  id!: string;

  @ApiProperty({ enum: TRANSACTION_TYPES, example: 'spend' })
  type!: string;

  @ApiProperty({
    example: -42,
    description: 'Change of the balance in cents. All of them add up to `balance_cents`.',
  })
  amount_minor!: number;

  @ApiProperty({ example: '-0.4175', description: 'Exact amount, a decimal string.' })
  amount!: string;

  @ApiProperty({
    example: '149.5825',
    description: 'Exact; of the books, where credit counts that begins only later.',
  })
  balance_after!: string;

  @ApiProperty({ example: 'charge:sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ' })
  reference!: string;

  @ApiProperty({ example: 'sms', nullable: true, type: String })
  channel!: string | null;

  @ApiProperty({ type: Object, example: { channel: 'sms', country: '1' } })
  metadata!: Readonly<Record<string, unknown>>;

  @ApiProperty({ example: '42', description: 'Position in the wallet, without gaps.' })
  sequence!: string;

  @ApiProperty({ example: '2026-05-16T11:21:18.901Z' })
  created_at!: string;

  @ApiProperty({ example: null, nullable: true, type: String })
  expires_at!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  refunded_at!: string | null;
}

export class NextCursorModel {
  @ApiProperty({ example: '2026-05-16T11:21:18.901Z' })
  cursor_ts!: string;

  @ApiProperty({ example: 'ct_2vXq7p9yzAbCdEe' })
  cursor_id!: string;
}

export class TransactionPageModel {
  @ApiProperty({ type: [TransactionModel] })
  transactions!: readonly TransactionModel[];

  @ApiProperty({ type: NextCursorModel, nullable: true })
  next_cursor!: NextCursorModel | null;

  @ApiProperty({ nullable: true, type: String, description: '`next_cursor` as one text.' })
  cursor!: string | null;

  @ApiProperty({ example: true })
  has_more!: boolean;
}
