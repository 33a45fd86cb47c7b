import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CARD_PRICES_EXAMPLE } from '@orbit/contracts';
import { Allow, IsOptional, IsString } from 'class-validator';

const PRICES = {
  type: 'object',
  additionalProperties: true,
  example: CARD_PRICES_EXAMPLE,
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
