import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CURRENCY_PATTERN } from '@orbit/money';
import { IsBoolean, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { IfGiven, IsInstant, NOT_A_CURSOR, QueryInteger } from '../../edge/requests/field-rules.js';

const INSTANT = '2026-05-16T12:00:00.000Z';

const CURRENCY_FAULT = { message: '$property is "USD" or a custom unit, "credits"' };

export class CheckModel {
  @ApiProperty({ example: 'entries_add_up' })
  check!: string;

  @ApiProperty({ example: 'the balance is the balance after the last entry' })
  fact!: string;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  last_true_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  last_run_at!: string | null;

  @ApiProperty({ example: 412, description: 'Wallets of the last run.' })
  wallets!: number;

  @ApiProperty({ example: true })
  holds!: boolean;
}

export class BreachModel {
  @ApiPropertyOptional({
    example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
    description: 'Returned to the operator key only, like the wallet.',
  })
  organization_id!: string;

  @ApiPropertyOptional({ example: 'wal_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  wallet_id!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: 'balance_is_last_entry' })
  check!: string;

  @ApiProperty()
  fact!: string;

  @ApiProperty({ example: '9992500', description: 'Micros.' })
  expected!: string;

  @ApiProperty({ example: '9992505' })
  actual!: string;

  @ApiProperty({ example: INSTANT })
  since!: string;
}

export class SealingModel {
  @ApiProperty({ type: String, nullable: true, example: '812' })
  root_no!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '5a1e…' })
  root!: string | null;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  sealed_at!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Time since everything known was sealed.',
  })
  lag_ms!: number | null;
}

export class TurnModel {
  @ApiProperty({ example: 1_204 })
  in_last_turn!: number;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  last_turn_at!: string | null;
}

export class StallModel {
  @ApiProperty({ example: 'charge.requested/3', description: 'A partition, or `captures`.' })
  what!: string;

  @ApiProperty({
    enum: ['stopped', 'failing', 'unsettled'],
    description:
      '`stopped` by a broken invariant until a restart; `failing` on the same batch again and again; `unsettled`: captures that were sent several times and are not in the books.',
  })
  state!: 'stopped' | 'failing' | 'unsettled';

  @ApiPropertyOptional({ description: 'Error of the stall; returned to the operator key only.' })
  detail!: string;

  @ApiProperty({ example: INSTANT })
  since!: string;

  @ApiProperty()
  what_to_do!: string;
}

export class LedgerHealthModel {
  @ApiProperty({ enum: ['ok', 'degraded'] })
  status!: 'ok' | 'degraded';

  @ApiProperty({ type: [String], description: 'Reasons of a degraded status; empty otherwise.' })
  reasons!: readonly string[];

  @ApiProperty({ example: true, description: 'Every check held recently and no breach is open.' })
  holds!: boolean;

  @ApiProperty({
    type: [StallModel],
    description: 'Partitions and captures that are stuck until a person repairs the cause.',
  })
  stalls!: readonly StallModel[];

  @ApiProperty({ type: [CheckModel] })
  checks!: readonly CheckModel[];

  @ApiProperty({
    type: [BreachModel],
    description: 'Open breaches, oldest first; at most 50 wallets.',
  })
  breaches!: readonly BreachModel[];

  @ApiProperty({ example: 0, description: 'Wallets with open breaches.' })
  breach_count!: number;

  @ApiProperty({ type: SealingModel })
  sealing!: SealingModel;

  @ApiProperty({ type: TurnModel, description: 'The pass over all wallets.' })
  wallets!: TurnModel;

  @ApiProperty({ example: INSTANT })
  checked_at!: string;
}

export class BalancesAtQueryModel {
  @ApiProperty({ example: INSTANT, description: 'An instant with its zone.' })
  @IsInstant()
  at!: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 64)
  organization_id?: string;

  @ApiPropertyOptional({ example: 'USD' })
  @IsOptional()
  @Matches(new RegExp(CURRENCY_PATTERN), CURRENCY_FAULT)
  currency?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 500, default: 200, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 200;

  @ApiPropertyOptional({ description: '`cursor` of the page before.' })
  @IsOptional()
  @Matches(/^\d{1,18}$/, NOT_A_CURSOR)
  cursor?: string;
}

export class BalanceAtModel {
  @ApiProperty()
  organization_id!: string;

  @ApiProperty()
  wallet_id!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '99.9775' })
  balance!: string;

  @ApiProperty({ example: '42', description: 'Sequence number of the last entry booked by then.' })
  sequence!: string;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  last_entry_at!: string | null;
}

export class BalancesAtModel {
  @ApiProperty({ example: INSTANT })
  at!: string;

  @ApiProperty({ type: [BalanceAtModel] })
  balances!: readonly BalanceAtModel[];

  @ApiProperty({ type: String, nullable: true })
  cursor!: string | null;
}

export class RecheckBody {
  @ApiPropertyOptional({ default: false, description: 'Lift the freeze when every check holds.' })
  @IsOptional()
  @IsBoolean()
  clear: boolean = false;

  @ApiPropertyOptional({ example: 'USD', description: 'All wallets when absent.' })
  @IfGiven()
  @Matches(new RegExp(CURRENCY_PATTERN), CURRENCY_FAULT)
  currency?: string;
}

export class RecheckedWalletModel {
  @ApiProperty()
  organization_id!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty()
  wallet_id!: string;

  @ApiProperty()
  outbound_paused!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'reconciliation' })
  outbound_block_reason!: string | null;

  @ApiProperty({
    type: [BreachModel],
    description: 'Breaches that are open now; empty when every check holds.',
  })
  breaches!: readonly BreachModel[];
}

export class RecheckedModel {
  @ApiProperty({ type: [RecheckedWalletModel] })
  wallets!: readonly RecheckedWalletModel[];
}
