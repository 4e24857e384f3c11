// The shape of a path that somebody asked for, fit for a route of the configuration. It shows no ids and no names.
import { foldPath } from '../shared/route-pattern.ts'

/** A shortened record may have lost the end of a path, and with it the half of an escape. */
export function foldSafely (path: string): string {
  try {
    return foldPath(path)
  } catch {
    return path
  }
}

const longestWord = 24

/** Words stay; what may be an id or a name becomes a `*`. */
export function shapeOf (path: string): string {
  return path.split('/').map(segment => segment === '' || /^v\d{1,2}$/.test(segment) || (/^[\w.~-]+$/.test(segment) && !/\d/.test(segment) && segment.length <= longestWord) ? segment : '*').join('/')
}
