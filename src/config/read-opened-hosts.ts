// The hosts that a configuration opens, also of one that is not complete yet: their authority is made from them. Nothing else of it is looked at.
import { readDocument } from './document.ts'
import { createDraft } from './draft.ts'
import { GatewayConfig } from './gateway-config.ts'
import type { SchemaNode } from './schema-node.ts'
import { validate } from './validate.ts'
import { ConfigurationError } from '../shared/errors.ts'

/** Throws a ConfigurationError when the file, or a host in it, cannot be read. */
export async function readOpenedHosts (file: string): Promise<readonly string[]> {
  const document = await readDocument(file)
  const { value, problems } = validate(GatewayConfig as SchemaNode, document.value)
  const own = problems.filter(({ path }) => path[0] === 'outbound' && path[1] === 'proxy' && path[2] === 'hosts')
  if (own.length > 0) throw new ConfigurationError(own.map(document.toFinding))
  return (createDraft(value, problems).outbound?.proxy?.hosts ?? []).flatMap(one => one?.action === 'open' && one.host !== undefined ? [one.host] : [])
}
