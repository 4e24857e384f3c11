// An access room from YAML or parts, and questions to it that went through the real canonical reading.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createAccessRoom, type AccessRoom, type Question } from '../../../src/inbound/access/access.ts'
import type { AccessConfig, ProfileConfig } from '../../../src/inbound/access/config.ts'
import { createCanonicalRoom } from '../../../src/inbound/canonical/canonical.ts'
import { createAddressTest } from '../../../src/inbound/client-ip/client-ip.ts'

type Role = AccessConfig['roles'][string]

export const role = (change: Partial<Role>): Role => ({ groups: [], people: [], allow: ['* /**'], deny: [], ...change })

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export function accessConfig (change: Partial<AccessConfig>): AccessConfig {
  return { records: [], signOut: [], unclassified: 'allow', rules: [], timeZone: 'UTC', methods, roles: {}, ...change }
}

export function buildAccess (change: Partial<AccessConfig>, profile?: ProfileConfig): AccessRoom {
  return createAccessRoom(accessConfig(change), { createAddressTest, profile })
}

/** One that comes with Sallyport, with the defaults of its schema. */
export function readProfile (name: string): ProfileConfig {
  const text = readFileSync(join(import.meta.dirname, '../../../config/profiles', `${name}.yaml`), 'utf8')
  const { background = [], signOut = [], ...rest } = parse(text) as Omit<ProfileConfig, 'background' | 'signOut'> & Partial<ProfileConfig>
  return { ...rest, background, signOut }
}

/** The section as it stands in a file: a role's missing lists are filled. */
export function readAccess (yaml: string): AccessConfig {
  const { roles = {}, ...rest } = parse(yaml) as Omit<Partial<AccessConfig>, 'roles'> & { roles?: Record<string, Partial<Role>> }
  return accessConfig({ ...rest, roles: Object.fromEntries(Object.entries(roles).map(([name, one]) => [name, role(one)])) })
}

const canonical = createCanonicalRoom({ publicUrl: 'https://crm.clinic.test', methods })

/** `GET /patients/42?x=1`, read as the gateway reads it. Throws its Denial. */
export function targetOf (request: string): Question['target'] {
  const space = request.indexOf(' ')
  return canonical.require({
    method: request.slice(0, space), target: request.slice(space + 1), httpVersion: '1.1', headers: { host: 'crm.clinic.test' }, rawHeaders: ['Host', 'crm.clinic.test'],
  })
}

/** Thursday. */
export const noon = Date.parse('2026-11-26T12:00:00Z')

interface Circumstance { readonly address?: string, readonly now?: number, readonly signedInAt?: number, readonly context?: string }

export function askOf (room: AccessRoom) {
  return (who: { readonly id: string, readonly groups: readonly string[] }, request: string, { address = '203.0.113.7', now = noon, signedInAt = now, context }: Circumstance = {}): Question => ({
    roles: room.rolesOf(who), person: who.id, address, now, signIn: { authenticatedAt: signedInAt, authnContext: context }, target: targetOf(request),
  })
}
