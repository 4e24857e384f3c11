// Takes the content of one record away, in every place that has it; its place in the chain stays, and so does the record that it was done.
import { findHold, hasSpool, listHolds, shredInArchive, shredInRedis, shredInSpool, shredOperation, type ShreddedPlace } from '../audit/audit.ts'
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { createDeps } from './ask-trail.ts'
import { openArchive, type OpenArchive } from './open-archive.ts'
import { explainRedis, openRedisToChange } from './open-redis.ts'
import { OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'
import { spoolsOf } from './trail-places.ts'

export interface ShredRequest extends ShreddedPlace {
  readonly configFile: string
  readonly reason: string
}

/** Names of the places that had the record. Throws a ConfigurationError or an OperationError. */
export async function shredRecord ({ configFile, reason, writer, epoch, seq }: ShredRequest): Promise<readonly string[]> {
  const { config } = await loadConfig(configFile)
  const deps = createDeps(config)
  const place = { writer, epoch, seq }
  const archive = await openArchive(config)
  try {
    const holds = archive === undefined ? [] : await listHolds(archive)
    // An epoch is named by the second in which it began; a record cannot be older than that.
    // A clock that is wrong now, or was then, must not be a way past a hold.
    const hold = findHold(holds, { from: epoch * 1000, to: Number.MAX_SAFE_INTEGER })
    if (hold !== undefined) throw new OperationError(`The hold ${hold.name} may concern this record (${hold.reason}), so nothing was done. End it first: sallyport audit release ${hold.name}`)
    // What was asked for on record excuses a record without content, so nothing is asked for that cannot be done.
    if (await isOpen(config, place)) throw openFile(place)
    let places: readonly string[] = []
    await runInSteps(config, { name: shredOperation, facts: { reason, writer, epoch, record: seq } }, {
      ...deps,
      run: async () => {
        places = await shredEverywhere(config, { archive, place, clock: deps.clock })
        return { places: places.join(', ') }
      },
    })
    return places
  } catch (error) { throw explainRedis(error) } finally { archive?.index.close() }
}

/** Whether it stands in a file that is being written. */
async function isOpen ({ gateway }: GatewayConfig, place: ShreddedPlace): Promise<boolean> {
  for (const { directory } of spoolsOf(gateway.dataDirectory)) {
    if (await hasSpool(directory) && await shredInSpool(directory, place, { isRehearsal: true }) === 'open') return true
  }
  return false
}

interface Shredding {
  readonly archive: OpenArchive | undefined
  readonly place: ShreddedPlace
  readonly clock: Clock
}

async function shredEverywhere (config: GatewayConfig, { archive, place, clock }: Shredding): Promise<readonly string[]> {
  const { gateway } = config
  const places: string[] = []
  const redis = await openRedisToChange(config, { clock })
  try {
    // First where it could be carried on from.
    for (const { directory, name } of spoolsOf(gateway.dataDirectory)) {
      if (!await hasSpool(directory)) continue
      const done = await shredInSpool(directory, place)
      if (done === 'open') throw openFile(place)
      if (done === 'done') places.push(name)
    }
    if (archive !== undefined && await shredInArchive(archive, place)) places.push('the archive')
    if (redis !== undefined && await shredInRedis(redis.client, { gateway: gateway.name, ...place })) places.push('Redis')
    if (places.length === 0) throw new OperationError(`No place has record ${place.seq} of writer ${place.writer}, epoch ${place.epoch}: take the three from the JSON Lines of sallyport audit query.`)
    return places
  } finally { redis?.close() }
}

function openFile ({ seq }: ShreddedPlace): OperationError {
  return new OperationError(`Record ${seq} stands in the file that the gateway is writing. It can be shredded once that file is full (audit.segmentSize) or the gateway was started again.`)
}
