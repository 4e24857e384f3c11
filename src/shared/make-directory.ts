// Makes a directory with those above it. Node's own `recursive` asks again for ever where the system says that the parent is missing although it is
// there (/proc); this tries each once.
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is there already stays as it is. Throws the system's error, ENOTDIR when a file is in the way. */
export async function makeDirectory (path: string, mode = 0o700): Promise<void> {
  const failure = await tryToMake(path, mode)
  if (failure?.code !== 'ENOENT' || dirname(path) === path) { if (failure !== undefined) throw failure; return }
  await makeDirectory(dirname(path), mode)
  const again = await tryToMake(path, mode)
  if (again !== undefined) throw again
}

async function tryToMake (path: string, mode: number): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, { mode })
    return undefined
  } catch (error) {
    const failure = error as NodeJS.ErrnoException
    if (failure.code !== 'EEXIST') return failure
    return (await stat(path)).isDirectory() ? undefined : Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR', syscall: 'mkdir' })
  }
}
