/** Whose `x-forwarded-…` headers are believed: the networks that the operator trusts, and everybody where none are named. */
import { BlockList, isIPv6 } from 'node:net';

const blocks = new WeakMap<readonly string[], BlockList>();

export function isTrustedProxy(address: string, networks: readonly string[] | undefined): boolean {
  if (networks === undefined) return true;
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return blockOf(networks).check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function blockOf(networks: readonly string[]): BlockList {
  let block = blocks.get(networks);
  if (block === undefined) {
    block = new BlockList();
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      block.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
    blocks.set(networks, block);
  }
  return block;
}
