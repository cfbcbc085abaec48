import { makeAddressVault, makeWebhookSender } from '@daikou/adapters';
import { maskAddress, toEventWire, toWebhookTestWire } from '@daikou/api';
import type { AddressVault, WebhookMessage, WebhookSender } from '@daikou/core';
import type { Engine } from '@daikou/engine';

/** `webhooks` of a merchant in config.json. */
export type WebhookSettings = {
  /** 32 bytes, Base64: seals the signing secrets; absent: the key of the data folder. */
  readonly vaultKey?: string;
  /** Keys of former times, which still open what they sealed. */
  readonly formerVaultKeys?: readonly string[];
  /** Receivers on this machine, over http: for tests and demonstrations only. */
  readonly allowLoopback?: boolean;
};

/**
 * The sender of a merchant's webhooks; none where no key is given to seal its secrets with. The
 * folder's key is read, or made, when it is first needed: most commands never do.
 */
export function makeSender(
  settings: WebhookSettings = {},
  about: { readonly folderKey: (() => string) | undefined; readonly now: () => Temporal.Instant },
): Pick<Engine, 'webhooks'> {
  const { vaultKey, formerVaultKeys = [], allowLoopback } = settings;
  const { folderKey, now } = about;
  const http = { allowLoopback: allowLoopback === true };
  if (vaultKey !== undefined) {
    return { webhooks: makeWebhookSender({ vaultKey, formerVaultKeys, toBody, now, http }) };
  }
  if (folderKey === undefined) return {};
  let made: WebhookSender | undefined;
  const sender = () => {
    made ??= makeWebhookSender({ vaultKey: folderKey(), toBody, now, http });
    return made;
  };
  return {
    webhooks: {
      urlFault: (url) => sender().urlFault(url),
      makeSecret: (endpoint) => sender().makeSecret(endpoint),
      send: (call) => sender().send(call),
    },
  };
}

/**
 * What seals addresses that are secrets, with the key that seals those of webhooks; none where no
 * key is given.
 */
export function makeAddresses(
  { vaultKey, formerVaultKeys = [] }: WebhookSettings = {},
  folderKey: (() => string) | undefined,
): Pick<Engine, 'addresses'> {
  const mask = maskAddress;
  if (vaultKey !== undefined) {
    return { addresses: makeAddressVault({ vaultKey, formerVaultKeys, mask }) };
  }
  if (folderKey === undefined) return {};
  let made: AddressVault | undefined;
  const vault = () => {
    made ??= makeAddressVault({ vaultKey: folderKey(), mask });
    return made;
  };
  return {
    addresses: {
      seal: (address, owner) => vault().seal(address, owner),
      open: (address, owner) => vault().open(address, owner),
    },
  };
}

/** What a receiver reads: the event as the API shows it. */
function toBody(message: WebhookMessage): string {
  return JSON.stringify(
    message.kind === 'event' ? toEventWire(message.event) : toWebhookTestWire(message),
  );
}
