// Whatever the file holds, loading ends in a configuration or in findings with a place in the file; and what is accepted can be used.
import fc from 'fast-check'
import t from 'tap'
import { createAccessRoom } from '../../src/inbound/access/access.ts'
import { createAddressTest, createClientIpRoom } from '../../src/inbound/client-ip/client-ip.ts'
import { compileRoutePattern } from '../../src/shared/route-pattern.ts'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const junk = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('null', '~', '[]', '{}', '-1', '1e309', '.nan', '"\\u0000"', '!!binary aGk=', '&a x', '*a', '? x', '|', '>', '@', '`', '%', '__proto__', 'constructor', 'toString'),
)

/** The base configuration with a few of its words replaced, lines doubled, removed or indented. */
const mutated = fc.array(fc.tuple(fc.nat(), fc.constantFrom('word', 'double', 'remove', 'indent'), junk), { minLength: 1, maxLength: 3 }).map(changes => {
  const lines = baseYaml.split('\n')
  for (const [at, kind, text] of changes) {
    const index = at % lines.length
    const line = lines[index] ?? ''
    if (kind === 'word') lines[index] = line.replace(/[\w./:]+(?=\W*$)/, () => text)
    if (kind === 'double') lines.splice(index, 0, line)
    if (kind === 'remove') lines.splice(index, 1)
    if (kind === 'indent') lines[index] = `  ${line}`
  }
  return lines.join('\n')
})

t.test('any file gives a configuration or findings that point into it', async t => {
  await fc.assert(fc.asyncProperty(mutated, async yaml => {
    const { loaded, findings } = await workspace.load(yaml)
    const lineCount = yaml.split('\n').length
    const areFine = findings.every(finding => finding.line >= 1 && finding.line <= lineCount && finding.column >= 1 && /\S.*[.?)]$|:\/\/\S+$/.test(finding.message))
    return (loaded === undefined) === (findings.length > 0) && areFine
  }), { numRuns: 60 })
  t.pass('60 files were read')
})

const octet = fc.nat({ max: 300 })
const address = fc.oneof(
  fc.tuple(octet, octet, octet, octet).map(parts => parts.join('.')),
  fc.ipV4(), fc.ipV6(), fc.ipV4Extended(),
  fc.constantFrom('::ffff:10.0.0.1', '64:ff9b::1.2.3.4', '2002::', 'fe80::1%eth0', '0x0a000001', '167772161', '::', '0.0.0.0'),
)
const range = fc.tuple(address, fc.option(fc.nat({ max: 130 }))).map(([text, width]) => width === null ? text : `${text}/${width}`)

t.test('whatever addresses are accepted, the room that judges them can use', async t => {
  let accepted = 0
  await fc.assert(fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 2 }), async ranges => {
    const { loaded } = await workspace.load(baseYaml.replace('[203.0.113.0/24]', JSON.stringify(ranges)))
    if (loaded === undefined) return
    accepted += 1
    createClientIpRoom(loaded.config.clientIp)
  }), { numRuns: 60, examples: [[['192.0.2.0/24']]] })
  t.ok(accepted > 0, `${accepted} were accepted`)
})

t.test('whatever routes are accepted, the rooms that match them can use', async t => {
  const segment = fc.constantFrom('patients', '*', '**', 'a*', '', '.', '..', '%2e', 'ä', ' ')
  const route = fc.tuple(fc.constantFrom('GET', '*', 'GET,POST', 'get', 'GET, POST'), fc.array(segment, { maxLength: 4 })).map(([method, parts]) => `${method} /${parts.join('/')}`)
  let accepted = 0
  await fc.assert(fc.asyncProperty(route, async text => {
    const { loaded } = await workspace.load(baseYaml.replace("['* /**']", JSON.stringify([text])))
    if (loaded === undefined) return
    accepted += 1
    compileRoutePattern(text)
    createAccessRoom(loaded.config.access, { createAddressTest })
  }), { numRuns: 30, examples: [['* /**'], ['GET /patients'], ['GET,POST /patients/*/a*']] })
  t.ok(accepted > 2, `${accepted} were accepted`)
})
