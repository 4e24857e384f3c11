// Rules about keys that must be random: long enough, random enough, and each for one purpose.
import type { Path } from '../problem.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'

const leastBytes = 32
/** 32 random bytes have fewer different values than this about once in 10^19 times. */
const leastDifferentBytes = 16
const how = '`sallyport keys create DIRECTORY` makes one.'

const textOf = ({ secrets }: Pick<RuleInput, 'secrets'>, path: Path) => secrets.get(path.join('.'))?.reveal().trim()

function requireStrong (key: string, path: Path, report: Report): void {
  if (!/^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})$/.test(key)) { report.refuse(path, `is not base64: ${how}`); return }
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length < leastBytes) report.refuse(path, `has ${bytes.length} bytes, at least ${leastBytes} are needed: ${how}`)
  else if (new Set(bytes).size < leastDifferentBytes) report.refuse(path, `is not random: ${how}`)
}

export const requireStrongKeys: Rule = async (input, report) => {
  const session = textOf(input, ['session', 'secret'])
  if (session !== undefined) requireStrong(session, ['session', 'secret'], report)
  const audit = textOf(input, ['audit', 'key'])
  if (audit === undefined) return
  const [current = '', ...earlier] = audit.split('\n')
  requireStrong(current.trim(), ['audit', 'key'], report)
  if (earlier.length === 0) return
  const { explainKeyRing } = await import('../../audit/audit.ts')
  const mistake = explainKeyRing(audit)
  if (mistake !== undefined) report.refuse(['audit', 'key'], `has several lines and cannot be used. ${mistake}`)
}

export const requireDifferentKeys: Rule = (input, report) => {
  const session = textOf(input, ['session', 'secret'])
  const audit = textOf(input, ['audit', 'key'])?.split(/\s/)
  if (session !== undefined && audit?.includes(session) === true) report.refuse(['audit', 'key'], 'is the same as session.secret: use a key for one purpose only.')
}
