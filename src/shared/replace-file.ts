// Puts a file in the place of another: whole or not at all, whenever the power goes.
import { chmod, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Throws the system's error; EEXIST when somebody else replaces it at this moment, or broke off doing so, and `isExclusive` is set. */
export async function replaceFile (path: string, text: string, options: { readonly mode: number, readonly isExclusive?: boolean }): Promise<void> {
  const next = `${path}.new`
  const file = await open(next, options.isExclusive === true ? 'wx' : 'w', 0o600)
  try {
    try {
      await file.writeFile(text)
      await file.sync()
    } finally { await file.close() }
    await chmod(next, options.mode) // whatever the umask is
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** Makes created and renamed names survive a loss of power. */
export async function syncDirectory (path: string): Promise<void> {
  const handle = await open(path, 'r')
  try { await handle.sync() } finally { await handle.close() }
}
