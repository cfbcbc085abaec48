import {
  type AddressOwner,
  type AddressVault,
  type ContactChannel,
  readSealedAddress,
  sealedAddress,
} from '@daikou/core';
import { openSecret, openVault, sealSecret } from './vault.ts';

export type AddressVaultConfig = {
  /** 32 bytes, Base64: the key that seals the secrets of webhooks too. */
  readonly vaultKey: string;
  /** Keys of former times, which still open what they sealed. */
  readonly formerVaultKeys?: readonly string[];
  /** What of an address people may see. */
  readonly mask: (channel: ContactChannel, address: string) => string;
};

/** Seals addresses as the signing secrets of webhooks are sealed, bound to customer and channel. */
export function makeAddressVault(config: AddressVaultConfig): AddressVault {
  const vault = openVault(config.vaultKey, config.formerVaultKeys);
  return {
    seal: (address, owner) => {
      const shown = config.mask(owner.channel, address).replaceAll(':', '');
      return sealedAddress(shown, sealSecret(vault, address, nameOf(owner)));
    },
    open: (address, owner) => {
      const parts = readSealedAddress(address);
      return parts === undefined ? address : openSecret(vault, parts.sealed, nameOf(owner));
    },
  };
}

function nameOf({ customerId, channel }: AddressOwner): string {
  return `${customerId}/${channel}`;
}
