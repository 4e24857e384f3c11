// `npm run generate`: writes what is derived from the schema and the reasons. With --check it writes nothing and names the files that differ.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createProfileSchemaDocument, createSchemaDocument } from '../src/config/config.ts'
import { GatewayConfig } from '../src/config/gateway-config.ts'
import type { SchemaNode } from '../src/config/schema-node.ts'
import { writeChartSchema } from './generate/chart-values.ts'
import { writeDashboard } from './generate/dashboard.ts'
import { writeDrawings } from './generate/drawings.ts'
import { writeExample } from './generate/example.ts'
import { writeIdleScript } from './generate/idle-script.ts'
import { listOutboundPorts } from './generate/outbound-ports.ts'
import { readReasons, writeReasons } from './generate/reasons.ts'
import { writeReference } from './generate/reference.ts'
import { createTextsSchemaDocument, writeEnglishRefusals, writeEnglishTable } from './generate/texts.ts'

const root = join(import.meta.dirname, '..')

export async function generateAll (): Promise<Readonly<Record<string, string>>> {
  const schema = GatewayConfig as SchemaNode
  const reasons = await readReasons(root)
  return {
    'config/gateway.schema.json': `${JSON.stringify(createSchemaDocument(), undefined, 2)}\n`,
    'config/profile.schema.json': `${JSON.stringify(createProfileSchemaDocument(), undefined, 2)}\n`,
    'config/gateway.example.yaml': writeExample(schema),
    'helm/files/dashboard.json': writeDashboard(),
    'helm/files/ports.json': `${JSON.stringify(listOutboundPorts(), undefined, 2)}\n`,
    'helm/values.schema.json': writeChartSchema(),
    'docs/reference/config.md': writeReference(schema),
    'docs/reference/reasons.md': writeReasons(reasons),
    'config/texts.schema.json': `${JSON.stringify(createTextsSchemaDocument(reasons), undefined, 2)}\n`,
    'config/texts/en.yaml': writeEnglishTable(reasons),
    'src/inbound/pages/english-refusals.ts': writeEnglishRefusals(reasons),
    ...Object.fromEntries(writeDrawings()),
    'src/inbound/idle/idle-script.min.js': await writeIdleScript(root),
  }
}

function read (file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const differing = Object.entries(await generateAll()).filter(([file, text]) => read(file) !== text)
  const isCheck = process.argv.includes('--check')
  for (const [file, text] of differing) {
    if (isCheck) {
      process.stdout.write(`${file} differs from what the sources say: run npm run generate.\n`)
      continue
    }
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
    process.stdout.write(`wrote ${file}\n`)
  }
  if (isCheck && differing.length > 0) process.exitCode = 1
}
