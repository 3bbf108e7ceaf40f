import ipaddr from 'ipaddr.js'

/** `listed`: in one of the networks that the operator allows for development. */
export type IpVerdict = 'public' | 'listed' | 'refused'

/** Answers of a cloud's own inside, at an address that no registry reserves. */
const METADATA = ipaddr.parseCIDR('168.63.129.16/32')

/** Where unicast addresses of the internet are given from; what embeds an IPv4 address lies outside or has a range. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

/**
 * Of every address that is not plainly somebody's on the internet: refused. So are IPv6 forms that carry an IPv4 address
 * (`::ffff:0:0/96`, `64:ff9b::/96`, 6to4, Teredo), whichever it is: no name of an honest server resolves to them.
 * @param ip as a resolver or `URL` writes it, without brackets
 */
export function judgeIp(ip: string, privateNetworks: readonly string[]): IpVerdict {
  if (!ipaddr.isValid(ip)) return 'refused'
  const address = ipaddr.parse(ip)
  if (privateNetworks.some((network) => isInside(address, ipaddr.parseCIDR(network)))) return 'listed'
  if (address.range() !== 'unicast' || isInside(address, METADATA)) return 'refused'
  return address.kind() === 'ipv4' || isInside(address, GLOBAL_IPV6) ? 'public' : 'refused'
}

type Address = ReturnType<typeof ipaddr.parse>

/** Of another kind is outside: a network of IPv4 does not hold the mapped forms of its addresses. */
function isInside(address: Address, network: ReturnType<typeof ipaddr.parseCIDR>): boolean {
  return address.kind() === network[0].kind() && address.match(network)
}
