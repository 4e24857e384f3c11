import t from 'tap'
import { createLogger, describeError } from '../../src/shared/log.ts'

function capture (level = 'info') {
  let text = ''
  const logger = createLogger({ level, name: 'door-1', destination: { write (line: string) { text += line } } })
  return { logger, text: () => text, lines: () => text.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>) }
}

t.test('a line is an event, its fields, the gateway and the time', async t => {
  const log = capture()
  log.logger.info('started', { port: 8443, tls: true, name: 'x', missing: undefined })
  log.logger.warn('slow')
  log.logger.error('down', { code: 'store.away' })
  const [info, warn, error] = log.lines()
  t.match(info, { level: 30, gateway: 'door-1', msg: 'started', port: 8443, tls: true, name: 'x' })
  t.match(info?.['time'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.notOk('missing' in (info ?? {}))
  t.match(warn, { level: 40, msg: 'slow' })
  t.match(error, { level: 50, msg: 'down', code: 'store.away' })
  t.same(Object.keys(warn ?? {}).sort(), ['gateway', 'level', 'msg', 'time'], 'no host name, no process id')
})

t.test('the level is kept; a value cannot begin a line of its own', async t => {
  const quiet = capture('error')
  quiet.logger.info('no')
  quiet.logger.warn('no')
  quiet.logger.error('yes', { field: 'a\n{"level":30,"msg":"forged"}' })
  t.same(quiet.lines().map(line => line['msg']), ['yes'])
})

const secret = 'Jane Invented, record 4711'

/** Errors as they come from outside: the text is what somebody sent, and more hangs on them. */
function loud (): Error[] {
  const wrapped = new Error(secret, { cause: new Error(secret) })
  const many = new AggregateError([new Error(secret), new TypeError(secret)], secret)
  const extra = Object.assign(new RangeError(secret), { command: { args: [secret] }, path: `/patients/${secret}`, detail: secret })
  const lines = new SyntaxError(`first line\n${secret}\nmore ${secret}`)
  const code = Object.assign(new Error('x'), { code: secret })
  const longCode = Object.assign(new Error('x'), { code: 'A'.repeat(61) })
  return [wrapped, many, extra, lines, code, longCode]
}

t.test('a bug is told by class, code and places; nothing of an error\'s own text gets into the log', async t => {
  const log = capture()
  for (const error of loud()) log.logger.bug('exchange.bug', error, { requestId: 'r1' })
  for (const thrown of [secret, { message: secret, stack: `Error\n    at ${secret}` }, null, undefined, 42, () => secret]) log.logger.bug('exchange.bug', thrown)
  t.notMatch(log.text(), /Jane|4711|AAAA|first line/)
  const lines = log.lines()
  t.same(lines.slice(0, 6).map(line => line['error']), ['Error', 'AggregateError', 'RangeError', 'SyntaxError', 'Error', 'Error'])
  t.same(lines.slice(6).map(line => line['error']), ['string', 'object', 'object', 'undefined', 'number', 'function'])
  for (const line of lines.slice(0, 6)) {
    t.match(line, { level: 50, msg: 'exchange.bug', requestId: 'r1' })
    t.match(line['stack'], /^at .*log\.test\.ts:\d+:\d+/, 'the place is there')
  }
})

t.test('a code that is a code is kept, and the stack is bounded', async t => {
  t.equal(describeError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))['code'], 'ECONNRESET')
  t.equal(describeError(Object.assign(new Error('x'), { code: 'store.away' }))['code'], 'store.away')
  for (const code of [42, 'a b', '', { a: 1 }, 'x\ny']) t.equal(describeError(Object.assign(new Error('x'), { code }))['code'], undefined)
  const deep = (depth: number): Error => depth === 0 ? new Error('x') : deep(depth - 1)
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 50
  const error = deep(40)
  Error.stackTraceLimit = before
  t.equal(String(describeError(error)['stack']).split(' | ').length, 8)
  const bare = new Error('x')
  delete bare.stack
  t.match(describeError(bare), { error: 'Error', stack: '' })
})
