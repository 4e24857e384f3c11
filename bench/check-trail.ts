// Every request that the load generators got an answer to has its record in the trail, and one ending. What does not fit ends the bench.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSpool } from '../src/audit/audit.ts'
import { SecretValue } from '../src/shared/schema.ts'
import type { GatewayPeer } from './peers.ts'

export interface TrailCount { readonly answered: number, readonly admitted: number, readonly ended: number }

/** Of a gateway that has stopped. */
export async function checkTrail (gateway: GatewayPeer, answered: number): Promise<TrailCount> {
  const key = new SecretValue(readFileSync(join(gateway.directory, 'audit.key'), 'utf8'))
  let admitted = 0
  let ended = 0
  for await (const { event, problems } of readSpool({ directory: join(gateway.directory, 'data', 'audit'), key })) {
    if (event === undefined || problems.length > 0) throw new Error(`the trail is damaged: ${problems.join(', ')}`)
    if (event.kind === 'request.admitted') admitted += 1
    if (event.kind === 'request.completed' || event.kind === 'request.failed' || event.kind === 'request.abandoned') ended += 1
  }
  if (admitted < answered) throw new Error(`${answered} answers, but only ${admitted} on record`)
  if (admitted !== ended) throw new Error(`${admitted} admitted, but ${ended} endings`)
  return { answered, admitted, ended }
}
