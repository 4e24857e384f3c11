// A part of the composition root: builds what the forward proxy needs beside the other rooms of the outbound door. build-outbound.ts calls it; nothing else does.
import { readFile } from 'node:fs/promises'
import { loadPolicyFile, type GatewayConfig } from './config/config.ts'
import type { AssociatesRoom } from './outbound/associates/associates.ts'
import { createAddressCheck, createCallSender, openTunnel, type CallSender } from './outbound/delivery/delivery.ts'
import type { OpenHostConfig, ProxyConfig } from './outbound/proxy/config.ts'
import { createProxyRoom, loadAuthority, type LeafMaker } from './outbound/proxy/proxy.ts'
import type { PolicyOfDestination } from './outbound/redaction/redaction.ts'
import type { DestinationFacts, ProxyParts } from './outbound/rooms.ts'
import { createWebhookRoom } from './outbound/webhook/webhook.ts'
import type { Clock } from './shared/clock.ts'
import { durationMs } from './shared/schema.ts'

const openedOf = ({ hosts }: ProxyConfig): readonly OpenHostConfig[] => hosts.flatMap(host => host.action === 'open' ? [host] : [])

export async function loadProxyPolicies (proxy: ProxyConfig | undefined, associates: AssociatesRoom, now: number): Promise<readonly PolicyOfDestination[]> {
  const opened = proxy === undefined ? [] : openedOf(proxy)
  return await Promise.all(opened.map(async ({ name, policy }) => ({ name, policy: await loadPolicyFile(policy), kinds: associates.coverageOf(name, now).kinds })))
}

async function openLeaves (authority: ProxyConfig['authority'], clock: Clock): Promise<LeafMaker | undefined> {
  if (authority === undefined) return undefined
  const { createLeafMaker } = await loadAuthority()
  return await createLeafMaker({ certificatePem: await readFile(authority.certificate, 'utf8'), keyPem: authority.key.reveal() }, { now: () => clock.now() })
}

function factsOf ({ hosts }: ProxyConfig): ReadonlyMap<string, DestinationFacts> {
  return new Map(hosts.flatMap(host => host.action === 'block' ? [] : [[host.name, { mode: 'pass', origin: `https://${host.host}`, purpose: host.purpose }] as const]))
}

export async function buildProxy (config: GatewayConfig, { clock }: { readonly clock: Clock }): Promise<ProxyParts | undefined> {
  const { outbound } = config
  const proxy = outbound?.proxy
  if (outbound === undefined || proxy === undefined) return undefined
  const opened = openedOf(proxy)
  const { authority } = proxy
  const options = { clock, mayConnect: createAddressCheck(outbound.allowAddresses), timeoutMs: durationMs(outbound.attemptTimeout) }
  const senders = new Map<string, CallSender>(opened.flatMap(({ name, host, ports, address, authority: trusted }) =>
    ports.map(port => [`${name} ${port}`, createCallSender(`https://${host}:${port}`, { ...options, authority: trusted, pinned: address })] as const)))
  const pinned = new Map(proxy.hosts.flatMap(host => host.action === 'tunnel' && host.address !== undefined ? [[host.host, host.address]] : []))
  return {
    room: createProxyRoom(proxy),
    leaves: await openLeaves(authority, clock),
    senderFor (name, port) {
      const sender = senders.get(`${name} ${port}`)
      if (sender === undefined) throw new TypeError('no such host')
      return sender
    },
    openTunnel: ({ host, port }) => openTunnel({ host, port, pinned: pinned.get(host) }, options),
    facts: factsOf(proxy),
    content: createWebhookRoom(opened.map(({ name, patient }) => ({ name, paths: [], patient }))),
    async drain () { await Promise.all([...senders.values()].map(sender => sender.drain())) },
    async close () { await Promise.all([...senders.values()].map(sender => sender.close())) },
  }
}
