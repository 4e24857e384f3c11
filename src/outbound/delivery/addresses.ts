// Which addresses a destination may have: public ones, and the ranges that the configuration names. What is asked of the name service and what is connected to is the same
// address, so that a name cannot be one thing when it is looked at and another when it is used.
import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** IANA special-purpose registries for IPv4 (RFC 6890 and later), multicast and class E. The cloud's metadata service is in 169.254.0.0/16;
 * 168.63.129.16 is the host's agent in a machine of Azure, though the address is a public one. */
const closed4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]
/** Global unicast is 2000::/3; what of it is tunnels, documentation and the like. Some of these carry an IPv4 address that nobody would look at. */
const open6 = ['2000::/3']
const closed6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

function createList (ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

const closed = createList([...closed4, ...closed6])
const open = createList(open6)

/** An IPv4 address inside an IPv6 one is judged as the IPv4 address that it is. */
function unmap (address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high === undefined || low === undefined) return address
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map(shift => Math.floor(bits / 2 ** shift) % 256).join('.')
}

export type MayConnect = (address: string) => boolean

/** `allowed`: ranges that may be connected to although they are not public. `only`: nothing else may. */
export function createAddressCheck (allowed: readonly string[], only?: readonly string[]): MayConnect {
  const own = createList(only ?? allowed)
  return address => {
    const plain = unmap(address)
    const family = isIP(plain)
    if (family === 0) return false
    if (only !== undefined) return own.check(plain, family === 6 ? 'ipv6' : 'ipv4')
    if (own.check(plain, family === 6 ? 'ipv6' : 'ipv4')) return true
    return family === 4 ? !closed.check(plain, 'ipv4') : open.check(plain, 'ipv6') && !closed.check(plain, 'ipv6')
  }
}

/** Marks a refusal among the errors of a connection. */
export const addressRefused = 'SALLYPORT_ADDRESS_REFUSED'

export function refuseAddress (): NodeJS.ErrnoException {
  return Object.assign(new Error('address refused'), { code: addressRefused })
}

type Ask = (host: string, done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void) => void
const askSystem: Ask = (host, done) => { lookup(host, { all: true }, (error, addresses) => { done(error, addresses) }) }

/** For a host whose address stands in the configuration; it is checked all the same. */
export const askPinned = (address: string): Ask => (_host, done) => { done(null, [{ address, family: isIP(address) }]) }

/** A look-up for a connection. One address that may not be refuses the name: a name with two faces is not to be trusted with either. */
export function createCheckedLookup (mayConnect: MayConnect, ask: Ask = askSystem): LookupFunction {
  return (host, options, done) => {
    ask(host, (error, addresses) => {
      if (error !== null) { done(error, '', 0); return }
      const [first] = addresses
      if (first === undefined || !addresses.every(({ address }) => mayConnect(address))) { done(refuseAddress(), '', 0); return }
      const fitting = addresses.filter(({ family }) => options.family === undefined || options.family === 0 || options.family === family || options.family === `IPv${family}`)
      if (options.all === true) { done(null, fitting.length === 0 ? [...addresses] : fitting); return }
      const [chosen = first] = fitting
      done(null, chosen.address, chosen.family)
    })
  }
}
