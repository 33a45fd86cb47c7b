import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AutoReloadView, BLOCK_REASONS, type BlockReason } from '@orbit/contracts';
import { modelOf } from '../../edge/docs/shape-model.js';

export class StatusLeasesModel {
  @ApiProperty({ example: 1, description: 'Leases that are not closed.' })
  open!: number;

  @ApiProperty({
    example: '14.9925',
    description: 'Remaining amount of these leases; part of `held`.',
  })
  held!: string;
}

export class StatusModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: 'live', enum: ['test', 'live'], description: 'The mode of the key.' })
  mode!: string;

  @ApiProperty({ example: 'prepaid' })
  billing_model!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: true, description: 'Whether sends and calls are accepted now.' })
  outbound_enabled!: boolean;

  @ApiProperty({ example: false })
  outbound_paused!: boolean;

  @ApiProperty({ enum: BLOCK_REASONS, nullable: true, example: null, type: String })
  outbound_block_reason!: BlockReason | null;

  @ApiProperty({ type: StatusLeasesModel, description: 'Money that processes spend from memory.' })
  leases!: StatusLeasesModel;

  @ApiProperty({
    type: modelOf(AutoReloadView),
    nullable: true,
    description: 'Null while the payment service is unavailable.',
  })
  auto_reload!: AutoReloadView | null;
}

export class AutoReloadModel {
  @ApiProperty({ example: false })
  enabled!: boolean;

  @ApiProperty({ example: null, nullable: true, type: Number })
  threshold!: number | null;

  @ApiProperty({ example: null, nullable: true, type: Number })
  amount!: number | null;
}

export class BalanceModel {
  @ApiPropertyOptional({ example: 150, description: 'Dollars, exact to the cent; USD only.' })
  balance_usd?: number;

  @ApiProperty({ example: 15_000, description: 'Posted balance, floored to minor units.' })
  balance_cents!: number;

  @ApiProperty({ example: 15_000, description: 'Same value as `balance_cents`.' })
  credits!: number;

  @ApiProperty({
    example: 15_000,
    description: 'Same value as `balance_cents` (first generation of the API).',
  })
  balance!: number;

  @ApiProperty({ example: '150.0075', description: 'Posted balance, exact.' })
  balance_exact!: string;

  @ApiProperty({
    example: 100,
    description: 'Taken by open authorizations, leases, refunds and disputes, floored.',
  })
  held_cents!: number;

  @ApiProperty({ example: '1.00' })
  held!: string;

  @ApiProperty({ example: 14_900, description: 'Posted minus held, floored.' })
  available_cents!: number;

  @ApiProperty({ example: '149.0075' })
  available!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: false })
  outbound_paused!: boolean;

  @ApiProperty({ enum: BLOCK_REASONS, nullable: true, example: null, type: String })
  outbound_block_reason!: BlockReason | null;

  @ApiProperty({
    type: AutoReloadModel,
    nullable: true,
    description: 'Null while the payment service is unavailable.',
  })
  auto_reload!: AutoReloadModel | null;

  @ApiProperty({ example: '2026-05-16T11:22:33.444Z', nullable: true, type: String })
  last_topped_up_at!: string | null;
}
