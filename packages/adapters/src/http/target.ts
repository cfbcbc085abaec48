/** Why an address that a user gave is not called. Nothing was sent. */
export type TargetRefusal =
  | 'not_a_url'
  | 'not_https'
  | 'user_info'
  | 'port_closed'
  | 'address_not_public'
  | 'name_not_found';

/**
 * Ports that speak other protocols: those that browsers refuse (WHATWG Fetch, "port blocking") that
 * an operator may have open, and the data stores and control planes of servers. Any other port is
 * allowed: receivers do stand on 8443. A POST to one of these could be read as commands.
 */
const CLOSED_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389,
  427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 631,
  636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380,
  3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6566, 6665, 6666,
  6667, 6668, 6669, 6679, 6697, 7000, 7001, 8086, 8500, 9042, 9092, 9200, 9300, 10080, 10250, 11211,
  15672, 27017, 50070,
]);

/** Longest address that is taken, in characters. */
const URL_LENGTH = 2_048;

export type Target =
  | { readonly kind: 'target'; readonly url: URL; readonly host: string; readonly port: number }
  | { readonly kind: 'refused'; readonly code: TargetRefusal };

/**
 * Reads an address that a user gave, before any name is looked up. Refused: another scheme than
 * https (http is left to the caller, who may allow it for this machine), a user or password in it
 * (it would end in logs of the receiver's side and ours), port 0 or one of another protocol. The
 * decimal, octal and hexadecimal forms of IPv4 hosts become dotted ones here, as URLs are defined.
 */
export function readTarget(text: string): Target {
  if (text.length > URL_LENGTH || !URL.canParse(text))
    return { kind: 'refused', code: 'not_a_url' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { kind: 'refused', code: 'not_https' };
  }
  if (url.username !== '' || url.password !== '') return { kind: 'refused', code: 'user_info' };
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (port === 0 || CLOSED_PORTS.has(port)) return { kind: 'refused', code: 'port_closed' };
  return { kind: 'target', url, host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

/**
 * An address for people and logs: its host and the last four characters, never the path or the
 * query, where robots and webhooks carry their token. `oapi.dingtalk.com …1f9c`
 */
export function maskTarget(text: string): string {
  if (!URL.canParse(text)) return '…';
  const tail = text.length >= 32 ? text.slice(-4) : '';
  return `${new URL(text).host} …${tail}`;
}
