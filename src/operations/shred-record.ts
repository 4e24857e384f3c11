// Takes the content of one record away, in every place that has it; its place in the chain stays, and so does the record that it was done.
import { findHold, hasSpool, namePlaces, shredInArchive, shredInRedis, shredInSpool, shredOperation, type ShreddedPlace } from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { createDeps } from './ask-trail.ts'
import { findKnownHolds } from './known-holds.ts'
import { openArchive, type OpenArchive } from './open-archive.ts'
import { explainRedis, openRedisToChange, type OpenRedis } from './open-redis.ts'
import { OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'
import { spoolsOf } from './trail-places.ts'

export interface ShredRequest extends ShreddedPlace {
  readonly configFile: string
  readonly reason: string
  readonly isDespiteDamage: boolean
}

export interface Shredded {
  /** Names of the places that have the record. */
  readonly places: readonly string[]
  /** Its content was gone in all of them before. */
  readonly isRepeated: boolean
}

/** Throws a ConfigurationError or an OperationError. */
export async function shredRecord ({ configFile, reason, isDespiteDamage, writer, epoch, seq }: ShredRequest): Promise<Shredded> {
  const { config } = await loadConfigToAsk(configFile)
  const deps = createDeps(config)
  const place = { writer, epoch, seq }
  const archive = await openArchive(config)
  let redis: OpenRedis | undefined
  try {
    redis = await openRedisToChange(config, deps)
    const shredders = await listShredders(config, { place, archive, redis })
    // An epoch is named by the second in which it began; a record cannot be older than that.
    // A clock that is wrong now, or was then, must not be a way past a hold.
    const hold = findHold(await findKnownHolds(config, { archive, clock: deps.clock, isDespiteDamage }), { from: epoch * 1000, to: Number.MAX_SAFE_INTEGER })
    if (hold !== undefined) throw new OperationError(`The hold ${hold.name} may concern this record (${hold.reason}), so nothing was done. End it first: sallyport audit release ${hold.name}`)
    // What is on record as shredded excuses a record without content, so nothing is asked for that cannot be done.
    const isRepeated = !await rehearse(shredders, place)
    const places: string[] = []
    await runInSteps(config, { name: shredOperation, facts: { reason, writer, epoch, record: seq, ...(isDespiteDamage ? { despiteDamage: true } : {}) } }, {
      ...deps,
      soFar: () => ({ places: namePlaces(places) }),
      run: async () => {
        for (const { name, shred } of shredders) {
          const had = await shred(false)
          if (had === 'open') throw openFile(place)
          if (had !== 'none') places.push(name)
        }
        return { places: namePlaces(places), ...(isRepeated ? { repeated: true } : {}) }
      },
    })
    return { places, isRepeated }
  } catch (error) { throw explainRedis(error) } finally {
    redis?.close()
    archive?.index.close()
  }
}

interface Shredder {
  readonly name: string
  shred (isRehearsal: boolean): Promise<'full' | 'gone' | 'open' | 'none'>
}

interface Places {
  readonly place: ShreddedPlace
  readonly archive: OpenArchive | undefined
  readonly redis: OpenRedis | undefined
}

/** Of all places; first those that others could be filled from again. */
async function listShredders ({ gateway }: GatewayConfig, { place, archive, redis }: Places): Promise<readonly Shredder[]> {
  const shredders: Shredder[] = []
  for (const { directory, name } of spoolsOf(gateway.dataDirectory)) {
    if (await hasSpool(directory)) shredders.push({ name, shred: isRehearsal => shredInSpool(directory, place, { isRehearsal }) })
  }
  if (archive !== undefined) shredders.push({ name: 'the archive', shred: async isRehearsal => await shredInArchive(archive, place, { isRehearsal }) ?? 'none' })
  if (redis !== undefined) shredders.push({ name: 'Redis', shred: async isRehearsal => await shredInRedis(redis.client, { gateway: gateway.name, ...place }, { isRehearsal }) ?? 'none' })
  return shredders
}

/** Whether any place still has its content. Throws an OperationError when it cannot be done. */
async function rehearse (shredders: readonly Shredder[], place: ShreddedPlace): Promise<boolean> {
  const found = []
  for (const { shred } of shredders) found.push(await shred(true))
  if (found.includes('open')) throw openFile(place)
  if (found.every(each => each === 'none')) throw new OperationError(`No place has record ${place.seq} of writer ${place.writer}, epoch ${place.epoch}: take the three from the JSON Lines of sallyport audit query.`)
  return found.includes('full')
}

function openFile ({ seq }: ShreddedPlace): OperationError {
  return new OperationError(`Record ${seq} stands in the file that the gateway is writing. It can be shredded once that file is full (audit.segmentSize) or the gateway was started again.`)
}
