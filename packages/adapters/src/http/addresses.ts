import { BlockList, isIP } from 'node:net';

/** One address of a name, as a resolver answers it. */
export type Address = { readonly address: string; readonly family: 4 | 6 };

/**
 * IPv4 blocks that are nobody's public server: the IANA special-purpose registry, multicast and the
 * reserved rest. The metadata services of the clouds lie in 169.254/16, 100.64/10 (Alibaba's
 * 100.100.100.200) and 192.0.0.0/24; Azure's is a public address of its own.
 */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * In IPv6 the public addresses are one block, 2000::/3, so it is the list of what is allowed: the
 * loopback, mapped and compatible IPv4, NAT64, unique-local, link-local and multicast addresses all
 * lie outside. These parts of it are special: IETF protocols with Teredo, documentation, and 6to4,
 * which carries an IPv4 address of anybody's choice.
 */
const PUBLIC_V6: readonly (readonly [string, number])[] = [['2000::', 3]];
const CLOSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const closedV4 = listOf(CLOSED_V4, 'ipv4');
const publicV6 = listOf(PUBLIC_V6, 'ipv6');
const closedV6 = listOf(CLOSED_V6, 'ipv6');
const loopbackV4 = listOf([['127.0.0.0', 8]], 'ipv4');

function listOf(blocks: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6') {
  const list = new BlockList();
  for (const [net, prefix] of blocks) list.addSubnet(net, prefix, family);
  return list;
}

/** Whether an address can be a public server. A text that is no address is not one. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closedV4.check(address, 'ipv4');
    case 6:
      return publicV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Whether an address is this machine itself: 127.0.0.0/8 or ::1, no mapped form. */
export function isLoopbackAddress(address: string): boolean {
  if (isIP(address) === 4) return loopbackV4.check(address, 'ipv4');
  return address === '::1';
}
