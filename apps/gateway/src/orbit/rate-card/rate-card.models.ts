import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsOptional, IsString } from 'class-validator';

const PRICES = {
  type: 'object',
  additionalProperties: true,
  example: {
    chat: {
      ...{ currency: 'USD', channel: 'ai' },
      dimensions: {
        input: { model_type: 'unit', unit_config: { unit_amount: '0.0000025' } },
        output: { model_type: 'unit', unit_config: { unit_amount: '0.00001' } },
      },
    },
  },
} as const;

export class PutRateCardBody {
  @ApiProperty({
    ...PRICES,
    description:
      'By name: currency, channel, and a price model with its config, or one per dimension. `cost` has the same form: the price that the operator pays upstream, in the same currency. A name that the account’s card has, too, goes before it.',
  })
  @Allow()
  prices!: unknown;

  @ApiPropertyOptional({ example: '2027-01-01T00:00:00Z', format: 'date-time' })
  @IsOptional()
  @IsString()
  effective_at?: string;
}

export class PutRateCardModel {
  @ApiProperty({ example: 3, type: 'integer' })
  version!: number;

  @ApiProperty({ example: '2027-01-01T00:00:00.000Z', format: 'date-time' })
  effective_at!: string;

  @ApiProperty(PRICES)
  prices!: Readonly<Record<string, unknown>>;
}

export class RateCardModel {
  @ApiProperty({
    example: '3.1',
    description: 'Version of the account’s card, and of the organization’s own; 0 is none.',
  })
  version!: string;

  @ApiProperty(PRICES)
  prices!: Readonly<Record<string, unknown>>;

  @ApiProperty({ type: [String], description: 'Prices that are the organization’s own.' })
  overrides!: readonly string[];

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  next_effective_at!: string | null;
}

export class QuoteBody {
  @ApiProperty({ example: 'chat' })
  @Allow()
  price!: unknown;

  @ApiPropertyOptional({ example: 1, description: 'Price model of a price without dimensions.' })
  @Allow()
  quantity?: unknown;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { input: 1234, output: 567 },
  })
  @Allow()
  quantities?: unknown;
}

export class QuoteModel {
  @ApiProperty({ example: 'chat' })
  price!: string;

  @ApiProperty({ example: '3.1' })
  card_version!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  quantities!: Readonly<Record<string, string>>;

  @ApiProperty({ example: '0.008755', description: 'Exact amount, a decimal string.' })
  rated!: string;

  @ApiProperty({ example: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567' })
  formula!: string;

  @ApiProperty({ example: '0.008755', description: 'Amount of the charge, in whole micros.' })
  amount!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;
}
