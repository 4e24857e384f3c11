// Puts a new audit key in the place of the current one. Nothing is sealed anew: the earlier key stays in the file for the epochs it was used for. It is
// on record under the old key that it was asked for, and under whichever key its epoch has that it was done.
import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { addToKeyRing } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { createRequestId } from '../shared/ids.ts'
import { replaceFile } from '../shared/replace-file.ts'
import { createDeps } from './ask-trail.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { recordStep } from './record-operation.ts'

export interface RotateRequest {
  readonly configFile: string
  readonly reason: string
  /** When the new key is first used, milliseconds since the epoch; at least a minute from now, so that every replica can have it by then. */
  readonly at?: number | undefined
}

const leastDelayMs = 60_000
const keyBytes = 32

/** Where the key is, and from when on a start uses the new one. Throws a ConfigurationError or an OperationError. */
export async function rotateKey ({ configFile, reason, at }: RotateRequest): Promise<{ readonly file: string, readonly from: number }> {
  const { config, secretFiles } = await loadConfigToAsk(configFile)
  const deps = createDeps(config)
  const from = at ?? deps.clock.now() + leastDelayMs
  if (from < deps.clock.now() + leastDelayMs - 1000) throw new OperationError('The new key cannot be used earlier than a minute from now: every replica needs the file by then. Leave --at out, or name a later time.')
  const file = secretFiles.get('audit.key')
  if (file === undefined) throw new OperationError('audit.key comes from an environment variable, which cannot be changed from here: put its text into a file, write audit.key: { file: … }, and rotate it then.')
  const operation = { id: createRequestId(), name: 'keys.rotate', facts: { reason, from: new Date(from).toISOString() } }
  await recordStep(config, { ...operation, step: 'asked' }, deps)
  try {
    // An epoch's number is the second in which it began.
    const ring = addToKeyRing(await readFile(file, 'utf8'), { key: randomBytes(keyBytes), until: Math.floor(from / 1000) })
    await replaceFile(file, ring, { mode: (await stat(file)).mode & 0o777, isExclusive: true })
  } catch (error) {
    await recordStep(config, { ...operation, step: 'failed' }, deps)
    throw new OperationError(`${file} was not changed${describeCode(error)}: check that this account may write it and its directory, and that it is no read-only mount.`, { cause: error })
  }
  await recordStep((await loadConfigToAsk(configFile)).config, { ...operation, step: 'done' }, deps)
  return { file, from }
}
