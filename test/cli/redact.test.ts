// `sallyport redact` as an administrator runs it: one message, many messages, and what it says when it holds one. No value stands on standard error.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from './run-cli.ts'

const directory = mkdtempSync(join(tmpdir(), 'redact-'))
t.teardown(() => { rmSync(directory, { recursive: true }) })
const policy = join(directory, 'policy.yaml')
writeFileSync(policy, 'name: leads\nversion: 2\nrules:\n  - path: status\n    action: keep\n    oneOf: [new]\n  - path: note\n    action: prose\n  - path: stop\n    action: hold\n')

t.test('one message', async t => {
  const stdin = '{"status": "new", "note": "call 555-0100", "name": "Jane Roe"}'
  const { code, out, err } = await runCli(['redact', '--policy', policy, '--type', 'application/json', '--explain'], { stdin })
  t.equal(out, '{"status": "new", "note": "call [phone]", "name": "[redacted]"}')
  t.equal(code, 0)
  t.match(err, /3 leaves were judged, 2 changed, by leads version 2 \(safe-harbor\)/)
  t.match(err, /note {2}phone \(D\) {2}found/)
  t.notMatch(err, /Jane|0100/)
})

t.test('a message that is held leaves nothing on standard output', async t => {
  for (const [stdin, reason] of [['{"status":', 'notJson'], ['{"stop":"Jane"}', 'byRule']] as const) {
    const { code, out, err } = await runCli(['redact', '--policy', policy, '--type', 'application/json'], { stdin })
    t.equal(out, '')
    t.equal(code, 1)
    t.match(err, new RegExp(`^Held \\(${reason}\\): [A-Z].*\\. Nothing was written\\.`))
    t.notMatch(err, /Jane/)
  }
})

t.test('many messages keep their order', async t => {
  const stdin = [
    { id: 'a', type: 'application/json', body: '{"status":"new"}' },
    { id: 2, body: '{"status":"Jane"}' },
    { id: 'c', type: 'application/json', body: '{' },
    { id: 'd', type: 'text/csv; charset=iso-8859-1', bodyBase64: Buffer.from('status\nJos\xe9\n', 'latin1').toString('base64') },
  ].map(line => JSON.stringify(line)).join('\n') + '\n{"id":"e"}\nno json\n'
  const { code, out, err } = await runCli(['redact', '--policy', policy, '--type', 'application/json', '--batch'], { stdin })
  t.equal(code, 0)
  const lines = out.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  t.same(lines.map(({ id, body, held }) => [id, body ?? held]), [
    ['a', '{"status":"new"}'], [2, '{"status":"[redacted]"}'], ['c', 'notJson'], ['d', undefined], [null, 'batchLine'], [null, 'batchLine'],
  ])
  t.equal(Buffer.from(String(lines[3]?.['bodyBase64']), 'base64').toString('latin1'), 'column-1\n[redacted]\n')
  t.equal((lines[1]?.['manifest'] as Record<string, unknown>)['version'], 2)
  t.notMatch(JSON.stringify(lines[1]), /Jane/)
  t.match(err, /3 messages are held/)
})

t.test('text and HTML need no policy, anything else does', async t => {
  t.equal((await runCli(['redact', '--type', 'text/plain'], { stdin: 'Call Jane Roe at 555-0100.' })).out, 'Call [name] at [phone].')
  t.equal((await runCli(['redact', '--type', 'text/html; charset=utf-8'], { stdin: '<p>5<b>55-0100</b></p>' })).out, '<p>[phone]<b></b></p>')
  t.match((await runCli(['redact', '--type', 'application/json'], { stdin: '{}' })).err, /noPolicy.*needs a policy/)
})

t.test('what cannot be meant is said with its line', async t => {
  writeFileSync(join(directory, 'wrong.yaml'), 'name: leads\nversion: 2\nrules:\n  - path: status\n    action: keep\n')
  const wrong = await runCli(['redact', '--policy', join(directory, 'wrong.yaml'), '--type', 'text/plain'], { stdin: 'x' })
  t.equal(wrong.code, 1)
  t.match(wrong.err, /wrong\.yaml:5:13 {2}rules\[0\]\.action needs a constraint/)
  t.match((await runCli(['redact', '--policy', join(directory, 'none.yaml'), '--type', 'text/plain'])).err, /The policy does not exist: check the path, or begin with the example in docs\/redaction\.md/)
  t.equal((await runCli(['redact'])).code, 2)
  writeFileSync(join(directory, 'short.key'), 'short')
  t.match((await runCli(['redact', '--type', 'text/plain', '--token-key', join(directory, 'short.key')])).err, /has 5 bytes and needs at least 32/)
})
