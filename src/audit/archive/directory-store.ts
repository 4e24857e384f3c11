// An archive in a directory: each object is written beside its name, made durable, and linked to it, so that a name is taken whole or not at all and never twice.
import { link, open, readdir, readFile, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join, relative } from 'node:path'
import { makeDirectory } from '../../shared/make-directory.ts'
import { syncDirectory } from '../../shared/replace-file.ts'
import { requireStoreName, StoreError, type ArchiveStore } from './store.ts'

const unfinished = '.unfinished'

export function createDirectoryStore (directory: string): ArchiveStore {
  const pathOf = (name: string) => { requireStoreName(name); return join(directory, name) }
  return {
    name: directory,
    async put (name, bytes) {
      const path = pathOf(name)
      // A name of its own, which nobody can have put something under, and which no earlier run that was killed has left.
      const beside = `${path}.${randomBytes(9).toString('base64url')}${unfinished}`
      try {
        await makeDirectory(dirname(path))
        const file = await open(beside, 'wx', 0o440)
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally { await file.close() }
        // A link, unlike a rename, does not take the place of what is there.
        await link(beside, path).finally(() => rm(beside, { force: true }))
        await syncDirectory(dirname(path))
      } catch (error) { throw explain(error, directory) }
    },
    async get (name) {
      try { return await readFile(pathOf(name)) } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw explain(error, directory)
      }
    },
    async remove (name) {
      const path = pathOf(name)
      try {
        // What a run that was killed left of it beside goes too: it can be the whole of it.
        for (const each of await readdir(dirname(path))) {
          if (each === basename(path) || (each.startsWith(`${basename(path)}.`) && each.endsWith(unfinished))) await rm(join(dirname(path), each), { force: true })
        }
        await syncDirectory(dirname(path))
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw explain(error, directory)
      }
    },
    async list (prefix) {
      // Only what lies below: an archive of years has many other directories.
      const below = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      try {
        const found = await readdir(join(directory, below), { recursive: true, withFileTypes: true })
        return found.filter(entry => entry.isFile() && !entry.name.endsWith(unfinished)).map(entry => relative(directory, join(entry.parentPath, entry.name)))
          .filter(name => name.startsWith(prefix)).sort()
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return []
        throw explain(error, directory)
      }
    },
  }
}

const codeOf = (error: unknown) => error instanceof Error && 'code' in error ? String(error.code) : ''

function explain (error: unknown, directory: string): unknown {
  const code = codeOf(error)
  if (code === '') return error
  if (code === 'EEXIST') return new StoreError('The archive has an object of this name already, and nothing in it is overwritten.', { cause: error })
  return new StoreError(`The archive in ${directory} cannot be used (${code}): check that this account may read and write there, and that the disk has room.`, { cause: error })
}
