// Puts back a segment whose name was removed or taken by another file, from the descriptor that is still open. It removes nothing: what stands
// under the name is kept beside it.
import type { Disk } from './disk.ts'
import type { OpenSegment } from './spool.ts'

const copyBytes = 1024 * 1024

export async function restoreSegment (disk: Disk, directory: string, segment: OpenSegment): Promise<void> {
  await disk.makeDirectory(directory)
  const copyPath = `${segment.path}.restoring`
  await disk.remove(copyPath)
  const copy = await disk.create(copyPath)
  for (let at = 0; at < segment.size; at += copyBytes) {
    await copy.append(await segment.file.read(at, Math.min(copyBytes, segment.size - at)))
  }
  const stranger = await disk.identify(segment.path)
  if (stranger !== undefined) await disk.rename(segment.path, `${segment.path}.stranger-${stranger.inode.replace(':', '-')}`)
  await disk.rename(copyPath, segment.path)
  await disk.syncDirectory(directory)
  await segment.file.close().catch(() => undefined)
  segment.file = copy
  segment.inode = (await copy.identify()).inode
}
