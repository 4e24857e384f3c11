// `sallyport explain`: what would come of a request, each step of the way with its line in the configuration.
import { readFile } from 'node:fs/promises'
import { createSystemClock } from '../shared/clock.ts'
import { parseDuration } from '../shared/schema.ts'
import { createTimeZone, type TimeZone } from '../shared/time-zone.ts'
import type { Explained, ExplainedStep } from '../operations/explain-access.ts'
import { UsageError, type Command } from './command.ts'
import { formatTimeOfDay } from './format-table.ts'
import { plain } from './output.ts'
import { readZone } from './question-options.ts'
import { readMoment } from './read-moment.ts'
import { defaultConfigFile } from './serve.ts'

type Options = ReadonlyMap<string, string>

function readList (text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map(part => part.trim()).filter(part => part !== '')
}

function readNow (options: Options, timeZone: string): number {
  const now = createSystemClock().now()
  const text = options.get('at')
  if (text === undefined) return now
  const moment = readMoment(text, { zone: readZone(new Map([['time-zone', timeZone], ...options])), now, isEnd: false })
  if (moment === undefined) throw new UsageError(`--at ${plain(text)} is not a time: write 2026-11-01T08:30.`)
  return moment
}

function readAge (text = '0s'): number {
  const age = parseDuration(text)
  if (age === undefined) throw new UsageError(`--sign-in-age ${plain(text)} is not a duration: write 15m or 8h.`)
  return age
}

async function readContent (options: Options) {
  const file = options.get('body')
  if (file === undefined) return undefined
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`--body ${plain(file)} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}): name a file with the body of the request.`)
  })
  return { text: bytes.toString('latin1'), type: options.get('type') ?? 'application/json', coding: undefined }
}

/** `on thu 2026-11-26 at 08:00 (America/Chicago)`: days and hours as rules have them. */
function describeNow ({ now, timeZone }: Explained): string {
  const zone = createTimeZone(timeZone) as TimeZone
  const day = zone.dayOf(now)
  return `on ${['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(`${day}T00:00Z`).getUTCDay()]} ${day} at ${formatTimeOfDay(now, zone)} (${timeZone})`
}

const marks: Readonly<Record<ExplainedStep['outcome'], string>> = { passes: ' ', skipped: '-', allows: '+', refuses: '!' }

function formatStep (step: ExplainedStep, file: string): string {
  const where = step.setting === undefined ? '' : `  ${step.setting}  ${step.file ?? file}:${step.line}`
  return plain(`  ${marks[step.outcome]} ${step.name.padEnd(8)}${step.text}${where}`)
}

function formatAnswer ({ isAllowed, reason, decidedBy }: Explained, file: string): string {
  const by = decidedBy.setting === undefined ? '' : `, by ${decidedBy.setting} (${decidedBy.file ?? file}:${decidedBy.line})`
  return plain(isAllowed ? `Allowed${by}.` : `Refused: ${reason}${by}.`)
}

export const explain: Command = {
  name: 'explain',
  positionals: ['REQUEST'],
  options: {
    as: { value: 'ROLES', help: 'The person\'s roles, several with commas: nurse,on-call.' },
    person: { value: 'ID', help: 'The person\'s id, for rules about people; without --as the roles come from it and --groups.' },
    groups: { value: 'GROUPS', help: 'Groups as the identity provider sends them, with commas.' },
    from: { value: 'IP', help: 'The client\'s address. Without it addresses are not judged.' },
    at: { value: 'TIME', help: 'When: 2026-11-01T08:30. Default: now.' },
    'time-zone': { value: 'ZONE', help: 'Zone of --at. Default: access.timeZone.' },
    'sign-in-age': { value: 'AGE', help: 'How long ago the person signed in: 20m. Default: just now.' },
    'sign-in': { value: 'CONTEXT', help: 'How they signed in (AuthnContextClassRef).' },
    body: { value: 'FILE', help: 'The body of the request, for records that are named in it.' },
    type: { value: 'TYPE', help: 'Its Content-Type. Default: application/json.' },
    json: { help: 'Print JSON.' },
    config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
  },
  summary: 'Says what would come of a request (\'GET /patients/42\') and which line of the configuration decides. Exit code 1: refused.',
  async run ({ options, positionals: [request = ''] }, output) {
    if (!/^[A-Za-z]+ \S+$/.test(request)) throw new UsageError(`${plain(request)} is not a request: write method and path in quotes, as 'GET /patients/42'.`)
    if (!['as', 'person', 'groups'].some(name => options.has(name))) throw new UsageError('explain needs somebody: --as ROLE, or --person ID and --groups GROUPS.')
    const { explainAccess } = await import('../operations/explain-access.ts')
    const file = options.get('config') ?? defaultConfigFile
    const explained = await explainAccess({
      configFile: file,
      request,
      roles: readList(options.get('as')),
      person: options.get('person'),
      groups: readList(options.get('groups')) ?? [],
      address: options.get('from'),
      readNow: timeZone => readNow(options, timeZone),
      signInAgeMs: readAge(options.get('sign-in-age')),
      signIn: options.get('sign-in'),
      content: await readContent(options),
    })
    if (options.has('json')) output.line(JSON.stringify(explained, undefined, 2))
    else {
      output.line(plain(`${request}  as ${explained.roles.join(', ') || 'nobody with a role'}${options.has('from') ? `, from ${options.get('from')}` : ''}, ${describeNow(explained)}`))
      for (const step of explained.steps) output.line(formatStep(step, file))
      output.line(formatAnswer(explained, file))
      if (explained.reason === 'access.contentNeeded') output.line('Put the body of the request into a file and name it with --body FILE.')
    }
    return explained.isAllowed ? 0 : 1
  },
}
