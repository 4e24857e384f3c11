// `sallyport learn policy` as an administrator runs it: what it prints is a policy file that `redact` takes as it is.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createPerson, createRandom } from '../support/phi-corpus.ts'
import { runCli } from './run-cli.ts'

const directory = mkdtempSync(join(tmpdir(), 'learn-policy-'))
t.teardown(() => { rmSync(directory, { recursive: true }) })
const random = createRandom(5)
const people = Array.from({ length: 40 }, () => createPerson(random, false))
const bodies = people.map(({ first, email, phone, mrn }) => JSON.stringify({ status: random.pick(['new', 'open']), active: true, name: first, 'e-mail': email, contact: { mobile: phone }, byId: { [mrn]: { note: `call ${first}` } } }))
const batch = bodies.map((body, id) => JSON.stringify({ id, type: 'application/json', body })).join('\n')

t.test('a batch becomes a policy that redact takes, and nothing of a person is in either', async t => {
  const { code, out, err } = await runCli(['learn', 'policy', '--name', 'leads'], { stdin: batch })
  t.equal(code, 0, err)
  t.match(out, /^# Proposed from the shapes of 40 messages; no value/)
  t.match(out, /name: leads\nversion: 1\nprofile: safe-harbor\nunknown: mask\nrules:\n/)
  t.match(out, / {2}- \{ path: 'active', action: keep, format: boolean \} {2}# 40 values: true or false; anything else is masked/)
  t.match(out, / {2}- \{ path: 'contact\.mobile', action: mask, kind: phone \} {2}# 40 values: telephone numbers/)
  const file = join(directory, 'leads.yaml')
  writeFileSync(file, out)
  const redacted = await runCli(['redact', '--policy', file, '--batch'], { stdin: batch })
  t.equal(redacted.out.trim().split('\n').length, 40)
  t.notMatch(redacted.out, /"held"/)
  for (const { first, email, phone, mrn } of people) {
    for (const value of [first, email, phone, mrn]) {
      t.notOk(out.includes(value), `${value} is in the policy`)
      t.notOk(redacted.out.includes(value), `${value} is in what redact wrote`)
    }
  }
})

t.test('a folder of files of one type', async t => {
  const folder = join(directory, 'messages')
  mkdirSync(folder)
  for (const [index, body] of bodies.entries()) writeFileSync(join(folder, `${index}.json`), body)
  const { code, out } = await runCli(['learn', 'policy', '--folder', folder, '--type', 'application/json'])
  t.equal(code, 0)
  t.match(out, /shapes of 40 messages/)
  t.match(out, /name: proposed\n/)
})

t.test('what cannot be read is told; when nothing can, there is no policy', async t => {
  const some = await runCli(['learn', 'policy'], { stdin: `${batch}\n{"id":1,"type":"application/json","body":"{"}\nnothing\n` })
  t.equal(some.code, 0)
  t.match(some.err, /1 message was not read \(notJson\): The body is not valid JSON\.\n1 message was not read \(batchLine\): /)
  const none = await runCli(['learn', 'policy'], { stdin: 'nothing\n' })
  t.equal(none.code, 1)
  t.equal(none.out, '')
  t.match(none.err, /^No message could be read\. The line is not a JSON object/)
  t.match((await runCli(['learn', 'policy', '--folder', join(directory, 'none'), '--type', 'application/json'])).err, /The folder of messages cannot be read.*--folder/)
  t.equal((await runCli(['learn', 'policy', '--folder', directory])).code, 2)
  t.match((await runCli(['learn', 'policy', '--name', 'Leads 1'])).err, /Leads 1 is no name of a policy/)
})
