// Where the outbound door can listen, for the chart, which knows no defaults: every section of the schema that has a listener with a port.
import { GatewayConfig } from '../../src/config/gateway-config.ts'
import { childSchema, type SchemaNode } from '../../src/config/schema-node.ts'

export interface OutboundPort {
  /** Name of the port in Kubernetes: at most 15 letters. */
  readonly name: string
  /** The section that must be in the configuration for it: `outbound.mail`. */
  readonly section: readonly string[]
  /** A list of that section without which nothing listens. */
  readonly needs?: string
  /** When the configuration names none. */
  readonly port: number
}

function findPorts (schema: SchemaNode, section: readonly string[]): readonly OutboundPort[] {
  const listener = schema.properties?.['listener']
  const port = listener === undefined ? undefined : childSchema(listener, 'port')?.default
  const name = section.slice(1).join('-').slice(0, 15) || 'relay'
  const needs = schema.properties?.['destinations'] === undefined ? {} : { needs: 'destinations' }
  return [
    ...(typeof port === 'number' ? [{ name, section, ...needs, port }] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]) => key === 'listener' ? [] : findPorts(child, [...section, key])),
  ]
}

export function listOutboundPorts (): readonly OutboundPort[] {
  return findPorts(childSchema(GatewayConfig as SchemaNode, 'outbound') as SchemaNode, ['outbound'])
}
