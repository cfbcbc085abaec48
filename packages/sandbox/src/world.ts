import { Books } from './books.ts';
import { Callbacks } from './callbacks.ts';
import { Clock } from './clock.ts';
import { Settings } from './configuration.ts';
import { type Credentials, loadCredentials } from './credentials.ts';
import { Faults } from './faults.ts';
import { Later } from './later.ts';
import { Outcomes } from './outcomes.ts';

/** What every simulator shares: one set of books, one clock, one script. */
export interface World {
  readonly books: Books;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly outcomes: Outcomes;
  readonly callbacks: Callbacks;
  readonly credentials: Credentials;
  /** Work of the simulators that is due in a moment: processing of orders, delivery reports. */
  readonly later: Later;
}

/** Opens the world that lives in `home`. */
export async function openWorld(home: string): Promise<World> {
  const books = Books.open(home);
  const settings = new Settings(books);
  const faults = new Faults(books);
  const tablesInUse = ['wechat_contracts', 'alipay_agreements', 'wechat_signings'];
  return {
    books,
    clock: new Clock(books, () => tablesInUse.some((name) => books.table(name).size > 0)),
    settings,
    faults,
    outcomes: new Outcomes(books),
    callbacks: new Callbacks(books, settings, faults),
    credentials: await loadCredentials(books),
    later: new Later(),
  };
}
