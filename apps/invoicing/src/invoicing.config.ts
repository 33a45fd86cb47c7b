import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

/** Environment of invoicing, checked at start: a wrong value is a failed deploy, not an incident. */
export class InvoicingConfig {
  @IsIn(['development', 'test', 'production'])
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_invoicing. */
  @IsString()
  @IsNotEmpty()
  DATABASE_URL!: string;

  /** host:port, comma separated. */
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS!: string;

  @IsString()
  KAFKA_TOPIC_PREFIX: string = '';

  /** host:port on which queries are answered. */
  @IsString()
  @IsNotEmpty()
  INVOICING_RPC!: string;

  /** host:port of the ledger, which is granted what plans include. */
  @IsString()
  @IsNotEmpty()
  WALLET_LEDGER_RPC!: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  HEALTH_PORT!: number;

  @IsString()
  LOG_LEVEL: string = 'info';

  /** Connections to PostgreSQL: issuing, the outbox relay, and queries beside them. */
  @Type(() => Number)
  @IsInt()
  @Min(2)
  @Max(64)
  INVOICING_POOL_SIZE_MAX: number = 5;

  /** Who issues the receipts. */
  @IsString()
  @MaxLength(80)
  ORBIT_SELLER_NAME: string = 'Orbit Billing';

  /** Postal address, up to four lines separated by "|"; left out of the receipt when not set. */
  @IsString()
  @MaxLength(400)
  ORBIT_SELLER_ADDRESS: string = '';

  @IsIn(['A4', 'LETTER'])
  ORBIT_RECEIPT_PAGE_SIZE: 'A4' | 'LETTER' = 'A4';

  /** Font file for scripts that Inter lacks, such as Chinese or Arabic; such text shows boxes without it. */
  @IsOptional()
  @IsString()
  ORBIT_RECEIPT_FALLBACK_FONT?: string;
}
