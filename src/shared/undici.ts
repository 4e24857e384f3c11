// The part of undici that sends requests over a pool of connections. The whole package holds a browser's half of the web besides (fetch, WebSockets, caches,
// mocks): a hundred modules, 12 MiB of memory and 60 ms of every start for nothing that is used. docs/decisions/start.md
import { createRequire, Module } from 'node:module'
import type * as Undici from 'undici'

type Part = Pick<typeof Undici, 'Agent' | 'BalancedPool' | 'buildConnector' | 'Client' | 'Dispatcher' | 'Pool'>

const require = createRequire(import.meta.url)
const wholeFile = require.resolve('undici')

/** @fastify/reply-from asks for the whole package by its name. It is given its own way to send (forward/plugin.ts), so this part is all that it looks at. */
export function takeUndici (): Part {
  const given = require.cache[wholeFile]?.exports as Part | undefined
  if (given !== undefined) return given
  const take = (file: string): unknown => require(`undici/lib/${file}.js`)
  const part = {
    Agent: take('dispatcher/agent'),
    BalancedPool: take('dispatcher/balanced-pool'),
    buildConnector: take('core/connect'),
    Client: take('dispatcher/client'),
    Dispatcher: take('dispatcher/dispatcher'),
    Pool: take('dispatcher/pool'),
  } as Part
  Object.assign(part.Dispatcher.prototype, { request: take('api/api-request') })
  const taken = new Module(wholeFile)
  taken.exports = part
  taken.loaded = true
  require.cache[wholeFile] = taken
  return part
}

export const { Agent, buildConnector, Pool } = takeUndici()
export type Agent = Undici.Agent
export type Pool = Undici.Pool
export type { Dispatcher } from 'undici'
export type { buildConnector as Connectors } from 'undici'
