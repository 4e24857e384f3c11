// Reads and judges a configuration without starting anything.
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import { ConfigurationError, type Finding } from '../shared/errors.ts'

export type ConfigurationCheck =
  | { readonly ok: true, readonly config: GatewayConfig, readonly digest: string, readonly warnings: readonly Finding[] }
  | { readonly ok: false, readonly findings: readonly Finding[] }

export async function checkConfiguration (file: string): Promise<ConfigurationCheck> {
  try {
    const { config, digest, warnings } = await loadConfig(file)
    return { ok: true, config, digest, warnings }
  } catch (error) {
    if (error instanceof ConfigurationError) return { ok: false, findings: error.findings }
    throw error
  }
}
