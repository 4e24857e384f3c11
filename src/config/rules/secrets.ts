// Rules about keys that must be random: long enough, random enough, and each for one purpose.
import type { Path } from '../problem.ts'
import type { Rule } from '../rule.ts'

const leastBytes = 32
/** 32 random bytes have fewer different values than this about once in 10^19 times. */
const leastDifferentBytes = 16

const keys: readonly Path[] = [['session', 'secret'], ['audit', 'key']]

export const requireStrongKeys: Rule = ({ secrets }, report) => {
  for (const path of keys) {
    const text = secrets.get(path.join('.'))?.reveal().trim()
    if (text === undefined) continue
    const how = '`sallyport keys create DIRECTORY` makes one.'
    if (!/^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})$/.test(text)) {
      report.refuse(path, `is not base64: ${how}`)
      continue
    }
    const bytes = Buffer.from(text, 'base64')
    if (bytes.length < leastBytes) report.refuse(path, `has ${bytes.length} bytes, at least ${leastBytes} are needed: ${how}`)
    else if (new Set(bytes).size < leastDifferentBytes) report.refuse(path, `is not random: ${how}`)
  }
}

export const requireDifferentKeys: Rule = ({ secrets }, report) => {
  const session = secrets.get('session.secret')?.reveal().trim()
  const audit = secrets.get('audit.key')?.reveal().trim()
  if (session !== undefined && session === audit) report.refuse(['audit', 'key'], 'is the same as session.secret: use a key for one purpose only.')
}
