import { ApiProperty } from '@nestjs/swagger';

// Documentation only: the ledger makes these answers (libs/contracts/src/proof.contract.ts).

const HASH = '5a1e…';
const INSTANT = '2026-05-16T11:21:18.901Z';
const CHARGE_ID = 'sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ';

export class ExplainedRequestModel {
  @ApiProperty({ example: CHARGE_ID })
  charge_id!: string;

  @ApiProperty({ example: '0.0075' })
  amount!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ type: String, nullable: true, example: 'sms' })
  channel!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 1 })
  quantity!: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { country: '1' } })
  metadata!: Record<string, unknown>;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  occurred_at!: string | null;
}

export class RatingModel {
  @ApiProperty({ example: 'chat', description: 'Name of the price on the rate card.' })
  price_id!: string;

  @ApiProperty({ example: '3.1' })
  price_version!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  quantities!: Record<string, string>;

  @ApiProperty({ example: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567' })
  formula!: string;

  @ApiProperty({ example: '0.008755', description: 'Exact amount before the single rounding.' })
  unrounded_amount!: string;
}

export class ExplainedAuthorizationModel {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The hold that covered it. Null: a lease paid it, or it came without a hold.',
  })
  authorization_id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The lease that paid it. A charge that its lease did not cover has none.',
  })
  lease_id!: string | null;
}

export class ExplainedPlanModel {
  @ApiProperty({ example: 'plan_growth' })
  plan_id!: string;

  @ApiProperty()
  subscription_id!: string;

  @ApiProperty({ example: 'messages' })
  unit!: string;

  @ApiProperty({ example: '3', description: 'Amount that the plan paid, in its unit.' })
  amount!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: `${CHARGE_ID}~plan`,
    description:
      'The charge that booked this part beside the one of money; explain it as any other. Null: this very charge.',
  })
  charge_id!: string | null;
}

export class BlockOriginModel {
  @ApiProperty({ example: 'ct_1_1' })
  entry_id!: string;

  @ApiProperty({ example: 'topup' })
  type!: string;

  @ApiProperty({ example: 'topup:tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  reference!: string;

  @ApiProperty({ example: '100.00' })
  amount!: string;

  @ApiProperty({ example: INSTANT })
  booked_at!: string;
}

export class ExplainedBlockModel {
  @ApiProperty({ enum: ['paid', 'promotional'] })
  kind!: string;

  @ApiProperty({ example: 0 })
  priority!: number;

  @ApiProperty({ type: String, nullable: true })
  expires_at!: string | null;

  @ApiProperty({ type: BlockOriginModel, description: 'The entry that brought the credit in.' })
  origin!: BlockOriginModel;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '99.985',
    description: 'Null where that would take reading very many entries.',
  })
  remaining_before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '99.9775' })
  remaining_after!: string | null;
}

export class ExplainedSliceModel {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Null when the overdraft carried the amount.',
  })
  block_id!: string | null;

  @ApiProperty({ example: '0.0075' })
  amount!: string;

  @ApiProperty({ type: ExplainedBlockModel, nullable: true })
  block!: ExplainedBlockModel | null;
}

export class MerkleStepModel {
  @ApiProperty({ enum: ['left', 'right'] })
  side!: string;

  @ApiProperty({ example: HASH })
  hash!: string;
}

export class SealRangeModel {
  @ApiProperty({ example: '41' })
  first_sequence!: string;

  @ApiProperty({ example: '57' })
  last_sequence!: string;

  @ApiProperty({ example: HASH })
  digest!: string;

  @ApiProperty({ type: [MerkleStepModel], description: 'From the chain hash to the digest.' })
  path!: readonly MerkleStepModel[];
}

export class SealRootModel {
  @ApiProperty({ example: '812' })
  root_no!: string;

  @ApiProperty({ example: HASH, description: 'As published in `ledger.sealed`.' })
  root!: string;

  @ApiProperty({ description: 'The text whose SHA-256 is `root`.' })
  canonical!: string;

  @ApiProperty({ example: HASH })
  merkle_root!: string;

  @ApiProperty({ type: [MerkleStepModel], description: 'From the digest to the Merkle root.' })
  path!: readonly MerkleStepModel[];

  @ApiProperty({ example: INSTANT })
  sealed_at!: string;
}

export class EntrySealModel {
  @ApiProperty({
    enum: ['pending', 'sealed'],
    description: 'Sealed within seconds of its booking.',
  })
  status!: string;

  @ApiProperty({ required: false, description: 'Canonical text of the entry.' })
  canonical?: string;

  @ApiProperty({ required: false, example: HASH })
  previous_hash?: string;

  @ApiProperty({
    required: false,
    example: HASH,
    description: 'SHA-256 of `previous_hash`, a line feed and `canonical`.',
  })
  chain_hash?: string;

  @ApiProperty({ required: false, type: SealRangeModel })
  seal?: SealRangeModel;

  @ApiProperty({ required: false, type: SealRootModel })
  root?: SealRootModel;
}

export class ExplainedEntryModel {
  @ApiProperty({ example: 'ct_1_2s' })
  id!: string;

  @ApiProperty({ example: '42' })
  sequence!: string;

  @ApiProperty({ example: 'spend' })
  type!: string;

  @ApiProperty({ example: 'wallet' })
  from_account!: string;

  @ApiProperty({ example: 'revenue' })
  to_account!: string;

  @ApiProperty({ example: '-0.0075' })
  amount!: string;

  @ApiProperty({ example: '99.985' })
  balance_before!: string;

  @ApiProperty({ example: '99.9775' })
  balance_after!: string;

  @ApiProperty({ type: String, nullable: true, example: 'blk_1_1' })
  block_id!: string | null;

  @ApiProperty({ example: `charge:${CHARGE_ID}` })
  reference!: string;

  @ApiProperty({ example: INSTANT })
  booked_at!: string;

  @ApiProperty({ type: EntrySealModel })
  seal!: EntrySealModel;
}

export class ExplainedReversalModel {
  @ApiProperty({ example: 'rev_inc_2041', description: 'Name that the operator chose.' })
  reference!: string;

  @ApiProperty({ example: '0.0075' })
  amount!: string;

  @ApiProperty({ example: '57', description: 'Sequence number of its first entry.' })
  sequence!: string;

  @ApiProperty({
    type: [ExplainedEntryModel],
    description:
      'Returned amounts, and those that left again at once because their block had ended (`expiry`, `void`).',
  })
  entries!: readonly ExplainedEntryModel[];

  @ApiProperty({ example: INSTANT })
  booked_at!: string;
}

export class ExplanationModel {
  @ApiProperty({ example: CHARGE_ID })
  charge_id!: string;

  @ApiProperty({ type: String, nullable: true })
  wallet_id!: string | null;

  @ApiProperty({ enum: ['posted', 'rejected', 'accepted', 'authorized', 'released', 'expired'] })
  status!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Reason of the rejection.' })
  reason!: string | null;

  @ApiProperty({ type: ExplainedRequestModel, description: 'The charge as it was requested.' })
  request!: ExplainedRequestModel;

  @ApiProperty({
    type: RatingModel,
    nullable: true,
    description: 'How a price became the amount. Null: the caller sent the amount.',
  })
  rating!: RatingModel | null;

  @ApiProperty({ type: ExplainedAuthorizationModel })
  authorization!: ExplainedAuthorizationModel;

  @ApiProperty({
    type: ExplainedPlanModel,
    nullable: true,
    description: 'The part that the allowance of a plan paid; null: none.',
  })
  plan!: ExplainedPlanModel | null;

  @ApiProperty({ type: [ExplainedSliceModel], description: 'The credit that paid it.' })
  slices!: readonly ExplainedSliceModel[];

  @ApiProperty({ type: [ExplainedEntryModel] })
  entries!: readonly ExplainedEntryModel[];

  @ApiProperty({ type: String, nullable: true, example: '99.985' })
  balance_before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '99.9775' })
  balance_after!: string | null;

  @ApiProperty({ type: String, nullable: true, example: INSTANT })
  decided_at!: string | null;

  @ApiProperty({
    type: [ExplainedReversalModel],
    description:
      'Reversals by an operator, in the order of booking. The part that a plan paid is reversed under its own charge.',
  })
  reversals!: readonly ExplainedReversalModel[];
}
