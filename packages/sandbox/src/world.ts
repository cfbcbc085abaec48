import { Books } from './books.ts';
import { Callbacks } from './callbacks.ts';
import { type ChannelCredentials, loadChannelCredentials } from './channel-credentials.ts';
import { Clock } from './clock.ts';
import { Settings } from './configuration.ts';
import { type Credentials, loadCredentials } from './credentials.ts';
import { Faults } from './faults.ts';
import { Later } from './later.ts';
import { Outcomes } from './outcomes.ts';
import { loadUnionpayKeys, type UnionpayKeys } from './unionpay/keys.ts';

/** What every simulator shares: one set of books, one clock, one script. */
export interface World {
  readonly books: Books;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly outcomes: Outcomes;
  readonly callbacks: Callbacks;
  readonly credentials: Credentials & {
    readonly unionpay: UnionpayKeys;
    readonly channels: ChannelCredentials;
  };
  /** Work of the simulators that is due in a moment: processing of orders, delivery reports. */
  readonly later: Later;
  /** Numbers of orders whose request took its time and is here now. */
  readonly arrivedLate: Set<string>;
}

/** Opens the world that lives in `home`. */
export async function openWorld(home: string): Promise<World> {
  const books = Books.open(home);
  const settings = new Settings(books);
  const faults = new Faults(books);
  const tablesInUse = [
    'wechat_contracts',
    'alipay_agreements',
    'wechat_signings',
    'unionpay_tokens',
  ];
  return {
    books,
    clock: new Clock(books, () => tablesInUse.some((name) => books.table(name).size > 0)),
    settings,
    faults,
    outcomes: new Outcomes(books),
    callbacks: new Callbacks(books, settings, faults),
    credentials: {
      ...(await loadCredentials(books)),
      unionpay: await loadUnionpayKeys(books),
      channels: loadChannelCredentials(books),
    },
    later: new Later(),
    arrivedLate: new Set(),
  };
}
