import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';

const TEXT_OR_NULL = { type: String, nullable: true } as const;

/** One rate. Rates whose country and state are the customer's all count. */
export class TaxRateModel {
  @ApiPropertyOptional({
    ...TEXT_OR_NULL,
    example: 'DE',
    description: 'ISO 3166, two letters; null: everywhere.',
  })
  country!: string | null;

  @ApiPropertyOptional({
    ...TEXT_OR_NULL,
    example: null,
    description: 'As addresses write it; null: the whole country.',
  })
  state!: string | null;

  @ApiProperty({ example: '19', description: 'Out of 100.' })
  percentage!: string;

  @ApiProperty({ example: 'VAT' })
  description!: string;

  @ApiPropertyOptional({ default: false, description: 'Prices contain it; nothing is put on top.' })
  inclusive!: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'A customer with a tax id of the country is charged nothing and pays it itself.',
  })
  reverse_charge!: boolean;

  @ApiPropertyOptional({
    enum: ['line', 'invoice'],
    default: 'line',
    description: 'Each line is rounded, or the sum, which is then split by largest remainder.',
  })
  rounding!: 'line' | 'invoice';
}

export class TaxRatesModel {
  @ApiProperty({ type: [TaxRateModel] })
  tax_rates!: readonly TaxRateModel[];
}

export class PutTaxRatesBody {
  @ApiProperty({ type: [TaxRateModel], description: 'In place of all rates; at most 200.' })
  @Allow()
  tax_rates!: unknown;
}
