import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../world.ts';
import { bankTime } from './calendar.ts';
import { FILE_FAULTS } from './outcomes.ts';
import type { BankBooks, BankState } from './records.ts';

/** Kinds of files that the bank sends. */
export type FileKind = 'pain.002' | 'camt.054' | 'camt.053';

/** Another account of the same bank: what a file for somebody else is about. */
const STRANGER_IBAN = 'DE02120300000000202051';

/** What a faulty copy changes about a report. */
interface Change {
  readonly iban?: string;
  readonly isCopy?: boolean;
}

/** Writes a report under its number. */
type Write = (id: string, change?: Change) => string;

/** A document type that would grow to a gigabyte: no reader may expand it. */
const BOMB =
  '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">' +
  '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Document><x>&b;</x></Document>';

/** The merchant's folder at the bank, with everything that can go wrong on the way to it. */
export class Mailbox {
  readonly #world: World;
  readonly #books: BankBooks;
  readonly #inbox: string;

  constructor(world: World, books: BankBooks, inbox: string) {
    this.#world = world;
    this.#books = books;
    this.#inbox = inbox;
  }

  get version(): '08' | '02' {
    return this.#world.settings.current.sepa.camtVersion === '02' ? '02' : '08';
  }

  get state(): BankState {
    const openDay = () => bankTime(this.#world.clock.now()).toPlainDate().toString();
    const known = this.#books.state.get('state');
    if (known !== undefined) return known;
    const state = { openDay: openDay(), balanceMinor: 0, files: 0 };
    // A bank that has seen nothing begins when it is first needed: the clock may still be set back.
    if (this.#books.messages.size > 0) this.#books.state.put('state', state);
    return state;
  }

  openNext(openDay: string, balanceMinor: number): void {
    this.#books.state.put('state', { ...this.state, openDay, balanceMinor });
  }

  /** Sends one report; `numbers` are the payments in it, for a script to match. */
  send(kind: FileKind, write: Write, numbers: readonly string[] = []): void {
    const fault = this.#faultOf(kind, numbers);
    const id = this.#nextId(kind);
    const file = { name: `${id}.xml`, text: write(id) };
    switch (fault) {
      case 'lost_file':
        return;
      case 'late_file':
        this.#books.held.put(file.name, file);
        return;
      case 'half_file':
        // The bank's transfer stops in the middle; the rest comes when the clock moves.
        writeFileSync(join(this.#inbox, file.name), file.text.slice(0, file.text.length / 2));
        this.#books.held.put(file.name, file);
        return;
      case 'duplicate_file':
        this.#put(`${id}_copy.xml`, file.text);
        break;
      case 'reissued_file': {
        const again = this.#nextId(kind);
        this.#put(`${again}.xml`, write(again, { isCopy: true }));
        break;
      }
      case 'foreign_file': {
        const other = this.#nextId(kind);
        this.#put(`${other}.xml`, write(other, { iban: STRANGER_IBAN }));
        break;
      }
      case 'xml_bomb':
        this.#put(`${this.#nextId(kind)}.xml`, BOMB);
        break;
      default:
    }
    this.#put(file.name, file.text);
  }

  /** What was held back arrives. */
  release(): void {
    for (const file of [...this.#books.held.values()]) {
      this.#put(file.name, file.text);
      this.#books.held.delete(file.name);
    }
  }

  #faultOf(kind: FileKind, numbers: readonly string[]): string | undefined {
    const occasion = { rail: 'sepa', operations: [kind] } as const;
    for (const orderNumber of numbers) {
      const fault = this.#world.faults.take({ ...occasion, orderNumber }, FILE_FAULTS);
      if (fault !== undefined) return fault.fault;
    }
    return this.#world.faults.take(occasion, FILE_FAULTS)?.fault;
  }

  #put(name: string, text: string): void {
    const hidden = join(this.#inbox, `.${name}.tmp`);
    writeFileSync(hidden, text);
    renameSync(hidden, join(this.#inbox, name));
  }

  #nextId(kind: FileKind): string {
    const state = this.state;
    const files = state.files + 1;
    this.#books.state.put('state', { ...state, files });
    return `${String(files).padStart(8, '0')}-${kind.replace('.', '')}`;
  }
}
