// A configuration that may still have mistakes: what has a problem is taken out, so that the rules across fields judge only what can be judged.
import type { GatewayConfig } from './gateway-config.ts'
import type { SecretValue } from '../shared/schema.ts'
import type { Path, Problem } from './problem.ts'

/** A secret as it is written in the file. */
export type SecretReference = { readonly env: string } | { readonly file: string }

export type Draft<T> =
  T extends SecretValue ? SecretReference
    : T extends readonly (infer Item)[] ? readonly (Draft<Item> | undefined)[]
      : T extends object ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
        : T

export type DraftConfig = Draft<GatewayConfig>

function remove (value: unknown, path: Path): void {
  const [part, ...rest] = path
  if (part === undefined || typeof value !== 'object' || value === null) return
  const parts = value as Record<string | number, unknown>
  if (rest.length > 0) remove(parts[part], rest)
  else parts[part] = undefined // it stays a key, so that no rule calls it missing
}

/** A copy without the parts that problems point at. */
export function createDraft (value: unknown, problems: readonly Problem[]): DraftConfig {
  const draft: unknown = structuredClone(value)
  for (const problem of problems) remove(draft, problem.path)
  return draft as DraftConfig
}
