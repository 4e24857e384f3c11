// What the rooms themselves say about their sections. They are asked about a section in which nothing else was found, so that no mistake is told twice
// and nothing is accepted here that a room refuses when it is built.
import { explainAccessConfig } from '../../inbound/access/access.ts'
import type { AccessConfig, ProfileConfig } from '../../inbound/access/config.ts'
import { explainClientIpConfig } from '../../inbound/client-ip/client-ip.ts'
import type { ClientIpConfig } from '../../inbound/client-ip/config.ts'
import type { MaskingConfig } from '../../inbound/masking/config.ts'
import { explainMaskingConfig } from '../../inbound/masking/masking.ts'
import type { PagesConfig } from '../../inbound/pages/config.ts'
import { explainPagesConfig } from '../../inbound/pages/pages.ts'
import { explainMistake, type Path, type Problem } from '../problem.ts'
import { isPlainObject } from '../schema-node.ts'

const rooms: Readonly<Record<string, (section: unknown, profile: unknown) => readonly { readonly path: string, readonly message: string }[]>> = {
  clientIp: section => explainClientIpConfig(section as ClientIpConfig),
  access: (section, profile) => explainAccessConfig(section as AccessConfig, profile as ProfileConfig | undefined),
  masking: section => explainMaskingConfig(section as MaskingConfig),
  pages: section => explainPagesConfig(section as PagesConfig),
}

/** `roles.nurse.deny.2` */
function readPath (text: string): Path {
  return text.split('.').map(part => /^\d+$/.test(part) ? Number(part) : part)
}

export function askRooms (value: unknown, known: readonly Problem[]): readonly Problem[] {
  if (!isPlainObject(value)) return []
  return Object.entries(rooms).flatMap(([section, explain]) => {
    if (known.some(problem => problem.path.length === 0 || problem.path[0] === section)) return []
    return explain(value[section], value['profile']).map(mistake => {
      const path = [section, ...readPath(mistake.path)]
      return { path, at: 'value' as const, message: explainMistake(path, mistake.message) }
    })
  })
}
