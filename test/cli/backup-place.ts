// A gateway's directory with an archive and a place for backups.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createQuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

export const reason = ['--reason', 'nightly']
// The file of an emergency is mostly not there.
const backupTo = (place: string) => `  exportKey: { file: keys/export.key }\n  emergency: { file: run/emergency }\n  segmentSize: 4KiB\n  archive: { keyFile: keys/archive.key, directory: archive, keepElsewhereDays: 0 }\n  backup: { keyFile: keys/backup.key, ${place} }\n`

export async function createPlace (t: { teardown (action: () => void): void }, place = 'directory: backups') {
  const made = await createQuestionPlace(t, {
    clock: createSystemClock(),
    yaml: backupTo(place),
    prepare: workspace => {
      for (const name of ['archive', 'backup']) workspace.write(`keys/${name}.key`, randomBytes(32).toString('base64'))
      workspace.write('keys/export.key', exportKey)
    }
  })
  const run = (...args: string[]) => runCli([...args, ...reason, '--config', made.file])
  const path = (name: string) => made.workspace.path(name)
  const restore = (to: string, ...more: string[]) => runCli(['restore', '--from', path('backups'), '--key', path('keys/backup.key'), '--to-dir', path(to), ...more])
  return { ...made, run, path, restore }
}

const { privateKey } = generateKeyPairSync('ed25519')
const exportKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
