import type { CreditsDrawn } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import type { Pool } from 'pg';
import { CommandFault, type BesideWrite, type SqlRunner } from '../../books/application/ports.js';
import type { DocumentDraws } from '../application/credit-ports.js';

/** The draw of each document, as it was answered. */
export class PostgresDocumentDraws implements DocumentDraws {
  constructor(private readonly pool: Pool) {}

  async find(documentId: string, currency: string): Promise<CreditsDrawn | null> {
    const { rows } = await this.pool.query<{ answer: CreditsDrawn }>(
      'SELECT answer FROM wallet_ledger.document_draw WHERE document_id = $1 AND currency = $2',
      [documentId, currency],
    );
    return rows[0]?.answer ?? null;
  }

  write(answer: CreditsDrawn): BesideWrite {
    return {
      write: async (sql) => {
        if (await insert(sql, answer)) return;
        throw new CommandFault('This document drew already.');
      },
    };
  }

  async keep(answer: CreditsDrawn): Promise<CreditsDrawn> {
    await insert({ query: (text, values) => this.pool.query(text, [...values]) }, answer);
    const kept = await this.find(answer.document_id, answer.currency);
    invariant(kept, 'what a document drew is kept for good');
    return kept;
  }
}

async function insert(sql: SqlRunner, answer: CreditsDrawn): Promise<boolean> {
  const { rowCount } = await sql.query(
    `INSERT INTO wallet_ledger.document_draw (document_id, currency, answer) VALUES ($1, $2, $3)
     ON CONFLICT (document_id, currency) DO NOTHING`,
    [answer.document_id, answer.currency, JSON.stringify(answer)],
  );
  return rowCount === 1;
}
