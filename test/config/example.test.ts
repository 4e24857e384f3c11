// The generated example works as it stands once the files that it names are there, and leaves no setting out.
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import t from 'tap'
import { GatewayConfig } from '../../src/config/gateway-config.ts'
import type { SchemaNode } from '../../src/config/schema-node.ts'
import { validate } from '../../src/config/validate.ts'
import { writeExample } from '../../scripts/generate/example.ts'
import { runCli } from '../cli/run-cli.ts'
import { read, root } from '../architecture/sources.ts'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const schema = GatewayConfig as SchemaNode

t.test('config check says ok to the example', async t => {
  const file = workspace.write('gateway.yaml', read('config/gateway.example.yaml'))
  const result = await runCli(['config', 'check', file])
  t.equal(result.code, 0, result.out + result.err)
  t.match(result.out, /^ok {2}/)
})

t.test('what the example writes out is what is there without it', async t => {
  const example = await workspace.load(writeExample(schema))
  const short = await workspace.load(baseYaml)
  t.same(example.lines, [])
  const { clientIp, access, ...rest } = example.loaded?.config ?? {}
  const { clientIp: shortClientIp, access: shortAccess, ...shortRest } = short.loaded?.config ?? {}
  t.same(JSON.parse(JSON.stringify(rest)), JSON.parse(JSON.stringify(shortRest)))
  t.same({ ...clientIp, allow: [] }, { ...shortClientIp, allow: [] })
  t.same(access?.methods, shortAccess?.methods)
})

t.test('every setting behind a # can be taken as it is', async t => {
  const { problems } = validate(schema, parse(writeExample(schema, { optional: 'live' })))
  t.same(problems, [])
})

t.test('every setting is in it', async t => {
  const text = read('config/gateway.example.yaml')
  const keys = new Set<string>()
  const collect = (node: SchemaNode): void => {
    for (const [key, child] of Object.entries(node.properties ?? {})) { keys.add(key); if (child['x-secret'] !== true) collect(child) }
    for (const child of [...(node.anyOf ?? []), ...(node.items === undefined ? [] : [node.items]), ...Object.values(node.patternProperties ?? {})]) collect(child)
  }
  collect(schema)
  t.ok(keys.size > 60)
  t.same([...keys].filter(key => !new RegExp(`^[#\\s-]*${key}:`, 'm').test(text)), [])
})

t.test('the example is where its schema is', async t => {
  t.match(read('config/gateway.example.yaml'), /^# yaml-language-server: \$schema=\.\/gateway\.schema\.json\n/)
  t.equal(dirname(join(root, 'config/gateway.schema.json')), join(root, 'config'))
})
