import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { nameFault, VISIBLE_NAME } from '../../edge/requests/field-rules.js';
import { KEY_MODES, type KeyMode } from '../api-key.js';

export class CreateAccountBody {
  @ApiProperty({ example: 'Acme test', minLength: 1, maxLength: 200 })
  @IsString()
  @Length(1, 200)
  @Matches(VISIBLE_NAME, { message: nameFault })
  name!: string;

  @ApiProperty({ enum: KEY_MODES, example: 'test' })
  @IsIn(KEY_MODES)
  mode!: KeyMode;

  @ApiPropertyOptional({ example: 'USD', default: 'USD', description: 'ISO 4217.' })
  @IsOptional()
  @IsString()
  default_currency: string = 'USD';

  @ApiPropertyOptional({
    example: 'Europe/Berlin',
    default: 'UTC',
    description: 'IANA time zone name.',
  })
  @IsOptional()
  @IsString()
  timezone: string = 'UTC';

  @ApiPropertyOptional({
    example: '2026-01-01T00:00:00Z',
    format: 'date-time',
    description:
      'Of a test account: its clock stands at this instant, past or future, until POST /v1/test_clock moves it.',
  })
  @IsOptional()
  @IsString()
  test_clock_now?: string;
}

export class AccountModel {
  @ApiProperty({ example: 'acct_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  account_id!: string;

  @ApiProperty({ example: 'Acme test' })
  name!: string;

  @ApiProperty({ enum: KEY_MODES })
  mode!: KeyMode;

  @ApiProperty({ example: 'USD' })
  default_currency!: string;

  @ApiProperty({ example: 'UTC' })
  timezone!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z', format: 'date-time' })
  created_at!: string;
}

export class IssuedAccountModel extends AccountModel {
  @ApiProperty({ example: 'orb_test_…', description: 'The bearer key of /v1, shown only once.' })
  api_key!: string;

  @ApiProperty({ example: 'whsec_…', description: 'Signs webhooks of the account.' })
  webhook_secret!: string;
}
