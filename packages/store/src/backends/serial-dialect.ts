import type { PGlite } from '@electric-sql/pglite';
import { type Driver, PGliteDialect, type TransactionSettings } from 'kysely';
import { PreparedConnection } from './prepared-connection.ts';

/**
 * Kysely's PGlite dialect hands the one connection to everybody at once, so that a statement of one
 * caller can land inside the transaction of another. This dialect hands it out one at a time: a
 * transaction has the connection from begin to commit, and the others wait in line. Its connection
 * keeps the plans of statements.
 */
export class SerialPGliteDialect extends PGliteDialect {
  readonly #pglite: PGlite;
  readonly #connection: PreparedConnection;

  constructor(pglite: PGlite) {
    super({ pglite });
    this.#pglite = pglite;
    this.#connection = new PreparedConnection(pglite);
  }

  override createDriver(): Driver {
    return new SerialDriver(this.#pglite, this.#connection);
  }

  /** Forgets the plans that are kept: somebody discarded them, or changed what they stand on. */
  async forgetPlans(): Promise<void> {
    await this.#connection.forgetAll();
  }
}

class SerialDriver implements Driver {
  readonly #pglite: PGlite;
  readonly #connection: PreparedConnection;
  #last: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(pglite: PGlite, connection: PreparedConnection) {
    this.#pglite = pglite;
    this.#connection = connection;
  }

  async init(): Promise<void> {
    await this.#pglite.waitReady;
  }

  async acquireConnection(): Promise<PreparedConnection> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    this.#release = resolve;
    return this.#connection;
  }

  async releaseConnection(connection: PreparedConnection): Promise<void> {
    const release = this.#release;
    try {
      await connection.lookAtGrowth();
    } finally {
      release();
    }
  }

  async beginTransaction(
    connection: PreparedConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const isolation = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    await connection.begin(`${isolation}${accessMode === undefined ? '' : ` ${accessMode}`}`);
  }

  async commitTransaction(connection: PreparedConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PreparedConnection): Promise<void> {
    await connection.rollback();
  }

  async destroy(): Promise<void> {
    await this.#last;
    if (!this.#pglite.closed) await this.#pglite.close();
  }
}
