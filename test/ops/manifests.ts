// Kubernetes manifests against Kubernetes' own schemas: the published validators for values, and the published types for what they let through, a
// member that no schema knows.
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../architecture/sources.ts'

export interface Manifest { readonly apiVersion: string, readonly kind: string, readonly metadata: { readonly name: string }, readonly [member: string]: unknown }

const carriers: Readonly<Record<string, string>> = {
  'cert-manager.io': '@kubernetes-models/cert-manager/cert-manager.io',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/monitoring.coreos.com',
}

/** The module that knows a kind. */
function moduleOf ({ apiVersion, kind }: Manifest): string {
  const [group = '', version] = apiVersion.split('/')
  const path = version === undefined ? `kubernetes-models/${group}` : `${carriers[group] ?? `kubernetes-models/${group}`}/${version}`
  return `${path}/${kind}`
}

const title = (manifest: Manifest) => `${manifest.kind} ${manifest.metadata.name}`

async function validate (manifest: Manifest): Promise<readonly string[]> {
  const module = await import(moduleOf(manifest)) as Record<string, new (data: unknown) => { validate(): void }>
  const Model = module[manifest.kind]
  if (Model === undefined) return [`${title(manifest)}: no schema`]
  try {
    new Model(manifest).validate()
    return []
  } catch (error) {
    return [`${title(manifest)}: ${(error as Error).message}`]
  }
}

/** What the compiler says of the manifests as object literals of their published types. */
function checkTypes (manifests: readonly Manifest[]): readonly string[] {
  const name = join(root, 'test', 'ops', 'rendered.ts')
  const lines = manifests.map((manifest, index) => `import type { I${manifest.kind} as T${index} } from '${moduleOf(manifest)}'; export const m${index}: T${index} = ${JSON.stringify(manifest)}`)
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2024, types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = file => file === name || fileExists.call(host, file)
  host.getSourceFile = (file, version) => file === name ? ts.createSourceFile(file, lines.join('\n'), version) : getSourceFile.call(host, file, version)
  const program = ts.createProgram([name], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined || start === undefined ? undefined : file.getLineAndCharacterOfPosition(start).line
    const manifest = line === undefined ? undefined : manifests[line]
    return `${manifest === undefined ? '' : `${title(manifest)}: `}${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}

/** Everything that is wrong with them, one sentence each. */
export async function checkManifests (manifests: readonly Manifest[]): Promise<readonly string[]> {
  const invalid = (await Promise.all(manifests.map(validate))).flat()
  return [...invalid, ...checkTypes(manifests)]
}
