// Makes the keys that a gateway needs: two to seal with, one to sign exports, one for the archive, one for backups. It never overwrites one: what a lost key sealed can
// never be read again.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmod, lstat, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describeCode, OperationError } from './operation-error.ts'
import { makeDirectory } from '../shared/make-directory.ts'

const names = ['session.secret', 'audit.key', 'export.key', 'archive.key', 'backup.key'] as const
const keyBytes = 32

function createSigningKey (): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

async function exists (file: string): Promise<boolean> {
  return await lstat(file).then(() => true, () => false)
}

/** The files that were written, readable for this account only. Throws an OperationError when there is one already. */
export async function createKeys (directory: string): Promise<readonly string[]> {
  const files = names.map(name => join(directory, name))
  const written: string[] = []
  try {
    await makeDirectory(directory)
    for (const file of files) {
      if (await exists(file)) throw new OperationError(`${file} exists already and is left as it is: what it sealed could not be read without it. Name another directory.`)
    }
    for (const file of files) {
      await writeFile(file, basename(file) === 'export.key' ? createSigningKey() : `${randomBytes(keyBytes).toString('base64')}\n`, { flag: 'wx', mode: 0o600 })
      written.push(file)
      await chmod(file, 0o600) // whatever the umask is
    }
    return files
  } catch (error) {
    for (const file of written) await rm(file, { force: true })
    if (error instanceof OperationError) throw error
    throw new OperationError(`The keys could not be written to ${directory}${describeCode(error)}: check that it is a directory in which this account may write.`)
  }
}
